//! What a page must be like, measured in the page: nothing flows over, nothing is too small for a
//! finger, no rule of accessibility is broken. Keeps a picture of every page for the eye.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::axe;
use super::browser::Browser;

/// What flows over, is hidden under another part, or is too small. Pictures drawn of lines and
/// what only a screen reader reads are no boxes of text.
const BOXES: &str = r"
const found = [];
const told = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.className && e.className.split ? '.' + e.className.split(' ').join('.') : '') + ' ' + (e.textContent || '').trim().slice(0, 24);
const root = document.documentElement;
if (root.scrollWidth > innerWidth) found.push('the page is too wide: ' + root.scrollWidth);
if (root.scrollHeight > innerHeight) found.push('the page is too high: ' + root.scrollHeight);
const seen = e => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.unseen, svg, [hidden]');
const main = document.querySelector('main').getBoundingClientRect();
for (const e of document.querySelectorAll('#app *')) {
  if (!seen(e)) continue;
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height) continue;
  const inline = getComputedStyle(e).display === 'inline';
  if (!inline && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0) found.push('flows over sideways: ' + told(e));
  if (!inline && e.tagName !== 'INPUT' && e.scrollHeight > e.clientHeight + 2 && getComputedStyle(e).overflowY !== 'visible') found.push('flows over downwards: ' + told(e));
  if (box.right > innerWidth + 1 || box.left < -1 || box.bottom > innerHeight + 1 || box.top < -1) found.push('outside of the page: ' + told(e));
  // What warns that the screen closes lies over the footer.
  if (e.closest('main') && !e.closest('form.banner') && e.tagName !== 'MAIN' && box.bottom > main.bottom + 1) found.push('under the footer: ' + told(e));
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
";

const AXE: &str = r"
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }).then(
  result => done(result.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160)).join(' | '))),
  cause => done(['axe: ' + cause]));
";

/// Looks at a page: its boxes, its accessibility; keeps its picture. Gives what is wrong.
#[track_caller]
pub(super) fn look(browser: &Browser, name: &str) -> Vec<String> {
    picture(browser, name);
    let mut wrong = texts(&browser.run(BOXES));
    if browser.run("return typeof axe") == "undefined" {
        browser.run(axe::script());
    }
    wrong.extend(texts(&browser.run_async(AXE)));
    wrong.iter().map(|one| format!("{name}: {one}")).collect()
}

/// Keeps a picture of the page.
fn picture(browser: &Browser, name: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("kiosk-shots");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(name).with_extension("png");
    fs::write(file, browser.screenshot()).expect("written");
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().expect("a list").iter();
    list.map(|one| one.as_str().unwrap_or_default().to_owned())
        .collect()
}
