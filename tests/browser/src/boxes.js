// What flows over, is hidden, lies on each other, or is too small for a finger.
const found = [];
const told = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.className && e.className.split ? '.' + e.className.split(' ').join('.') : '') + ' ' + (e.textContent || '').trim().slice(0, 24);
const root = document.documentElement;
if (root.scrollWidth > innerWidth) found.push('the page is too wide: ' + root.scrollWidth);
if (root.scrollHeight > innerHeight) found.push('the page is too high: ' + root.scrollHeight);
const seen = e => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.unseen, svg, [hidden]');
// Of what lies outside only the outermost is told.
const out = new Set();
const once = (e, what) => { if (!out.has(e.parentElement)) found.push(what + told(e)); out.add(e); };
const main = document.querySelector('main').getBoundingClientRect();
for (const e of document.querySelectorAll('#app *')) {
  if (!seen(e)) continue;
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height) continue;
  // A field shows the end of what is typed into it.
  const inline = getComputedStyle(e).display === 'inline' || e.tagName === 'INPUT';
  if (!inline && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0) found.push('flows over sideways: ' + told(e));
  if (!inline && e.scrollHeight > e.clientHeight + 2 && getComputedStyle(e).overflowY !== 'visible') found.push('flows over downwards: ' + told(e));
  if (box.right > innerWidth + 1 || box.left < -1 || box.bottom > innerHeight + 1 || box.top < -1) once(e, 'outside of the page: ');
  // What warns that the screen closes lies over the footer.
  if (e.closest('main') && !e.closest('form.banner') && e.tagName !== 'MAIN' && box.bottom > main.bottom + 1) once(e, 'under the footer: ');
}
for (const e of document.querySelectorAll('[data-fold]')) {
  if (e.children.length && ![...e.children].some(item => item.checkVisibility())) found.push('a list shows nothing: ' + told(e));
}
const acts = [...document.querySelectorAll('button, a[href], label.person, input:not([type=hidden]):not([type=radio]), select')].filter(seen);
for (const e of acts) {
  const box = e.getBoundingClientRect();
  if (box.width < 44 || box.height < 44) found.push('too small: ' + Math.round(box.width) + ' x ' + Math.round(box.height) + ' ' + told(e));
}
for (const [at, a] of acts.entries()) for (const b of acts.slice(at + 1)) {
  if (a.contains(b) || b.contains(a)) continue;
  const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
  if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1) found.push('on each other: ' + told(a) + ' / ' + told(b));
}
return found;
