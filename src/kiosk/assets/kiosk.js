// What a page needs beyond links and forms: live regions that keep focus and typed text, keys on
// glass and keyboard, running seconds, sounds. The server's state is the truth; without this
// script every act still works.
'use strict';
(() => {
  const WATCH_EACH_MS = 250;
  const DEAD_TIME_MS = 300; // A touch meant for the screen before does nothing on the new one.
  const SILENT_MS = 2400;   // Two beats missed: what is shown may be old, and in 3 s the page says so.
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  let changedAt = -DEAD_TIME_MS, heardAt = performance.now(), watchedAt = heardAt;
  let leaving = false; // An act was posted: its answer brings the next page, and nothing comes before it.
  let source = null, wait = 500, touchedAt = 0, staySent = 0, announced = '';
  const app = () => document.getElementById('app');
  const lost = document.getElementById('lost');

  // --- live regions -----------------------------------------------------------------------
  function put(element, html) {
    if (!element.setHTML) { location.reload(); return; }
    const active = document.activeElement, id = active && active.id;
    const inside = id && element.contains(active);
    const texts = {};
    for (const input of element.querySelectorAll('input[id]:not([type=radio])')) texts[input.id] = input.value;
    const chosen = [...element.querySelectorAll('input[type=radio]:checked')].map(input => input.id);
    const range = inside && active.selectionStart != null ? [active.selectionStart, active.selectionEnd] : null;
    element.setHTML(html, { sanitizer: {} });
    for (const [key, value] of Object.entries(texts)) {
      const input = document.getElementById(key);
      if (input && input.type !== 'hidden' && !input.value) input.value = value;
    }
    for (const id of chosen) {
      const input = document.getElementById(id);
      if (input) input.checked = true;
    }
    if (inside) {
      const again = document.getElementById(id);
      if (again) {
        again.focus({ preventScroll: true });
        if (range && again.setSelectionRange) try { again.setSelectionRange(...range); } catch { /* not a text */ }
      }
    }
    stampClocks(element);
    fit();
  }

  // --- a screen holds whatever it has to show: lists fold, then type gives way, never under 16 px ---
  const SMALLEST_PX = 16;
  const from = {}; // The first item shown of each list, by its id.
  const over = box => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;

  function fit() {
    const root = document.documentElement, main = document.querySelector('main');
    root.style.fontSize = '';
    root.classList.remove('tight');
    const base = parseFloat(getComputedStyle(root).fontSize);
    const lists = [...document.querySelectorAll('[data-fold]')];
    const at = px => { root.style.fontSize = px + 'px'; root.style.setProperty('--fit', px / base); };
    const parts = [app(), app().firstElementChild, ...document.querySelectorAll('#screen > section, .notice'), ...lists];
    const holds = () => main.scrollHeight <= main.clientHeight && main.scrollWidth <= main.clientWidth && !parts.some(over);
    unfold(lists);
    for (let px = base; px > base * 0.89; px--) { at(px); if (holds()) return; }
    for (let px = base; px >= SMALLEST_PX; px--) { at(px); lists.forEach(fold); if (holds()) return; }
    root.classList.add('tight');
    lists.forEach(fold);
  }

  function unfold(lists) {
    for (const list of lists) {
      list.classList.add('folded');
      document.getElementById(list.id + '-turn').hidden = true;
      for (const item of list.children) item.hidden = false;
    }
  }

  // As many as there is room for; the others are a touch away.
  function fold(list) {
    const items = [...list.children], turn = document.getElementById(list.id + '-turn');
    unfold([list]);
    if (!over(list)) return;
    const first = from[list.id] < items.length ? from[list.id] : 0;
    let next = first;
    turn.hidden = false;
    for (const item of items) item.hidden = true;
    for (; next < items.length; next++) {
      items[next].hidden = false;
      if (next > first && over(list)) { items[next].hidden = true; break; }
    }
    turn.dataset.next = next < items.length ? next : 0;
    turn.lastElementChild.textContent = first + 1 + '–' + next + '／' + items.length;
  }
  addEventListener('resize', fit);

  function screen(html) {
    const before = app().dataset.page;
    const holder = document.createElement('div');
    if (!holder.setHTML) { location.reload(); return; }
    holder.setHTML(html, { sanitizer: {} });
    const next = holder.firstElementChild;
    const same = next.dataset.page === before;
    if (same) {
      put(app(), next.innerHTML);
    } else {
      app().replaceWith(next);
      changedAt = performance.now();
      stampClocks(next);
      fit();
    }
    Object.assign(app().dataset, next.dataset);
    document.title = app().dataset.title;
    const here = location.pathname;
    if (app().dataset.path !== here) history.replaceState(null, '', app().dataset.path);
    if (!same) settle();
  }

  function settle() {
    const field = app().querySelector('[autofocus]');
    const target = field || app().querySelector('h1');
    if (target) target.focus({ preventScroll: true });
    attend();
  }

  function listen() {
    if (source) source.close();
    const seen = document.body.dataset.seen || '';
    delete document.body.dataset.seen; // Only the first stream continues the page as it was drawn.
    source = new EventSource('/live?seen=' + seen + '&at=' + encodeURIComponent(location.pathname + location.search));
    const heard = () => { heardAt = performance.now(); wait = 500; };
    source.addEventListener('screen', event => { heard(); if (!leaving) screen(event.data); });
    source.addEventListener('region', event => {
      heard();
      if (leaving) return;
      const region = document.getElementById(event.lastEventId);
      if (region) put(region, event.data);
      attend();
    });
    source.addEventListener('beat', heard);
    source.onerror = () => {
      source.close();
      setTimeout(listen, wait);
      wait = Math.min(wait * 1.5, 1000);
    };
  }

  function watch() {
    const now = performance.now(), stood = now - watchedAt - WATCH_EACH_MS;
    watchedAt = now;
    if (stood > WATCH_EACH_MS) heardAt += stood; // This page stood still itself, and could hear nothing.
    remind();
    const silent = now - heardAt > SILENT_MS;
    if (silent !== !lost.hidden) {
      lost.hidden = !silent;
      app().inert = silent;
      if (silent && source.readyState === EventSource.OPEN) listen();
      if (!silent) location.reload();
    }
  }

  // --- seconds between two events ---------------------------------------------------------
  function stampClocks(root) {
    for (const element of root.querySelectorAll('[data-clock],[data-left],[data-run]')) element.stamp = performance.now();
  }
  function tick() {
    const now = performance.now();
    for (const element of document.querySelectorAll('[data-clock]')) {
      const ms = Number(element.dataset.clock) + now - (element.stamp ??= now);
      element.textContent = calm ? Math.floor(ms / 1000) + '.0' : (ms / 1000).toFixed(1);
    }
    for (const element of document.querySelectorAll('[data-left]')) {
      const ms = Number(element.dataset.left) - (now - (element.stamp ??= now));
      element.textContent = String(Math.max(1, Math.ceil(ms / 1000)));
    }
    for (const element of document.querySelectorAll('[data-run]')) {
      const ms = Number(element.dataset.run) + now - (element.stamp ??= now);
      element.setAttribute('width', Math.min(1000, 1000 * ms / Number(element.dataset.full)).toFixed(0));
    }
  }

  // --- one touch, one act -----------------------------------------------------------------
  function tooEarly() { return performance.now() - changedAt < DEAD_TIME_MS; }
  addEventListener('submit', event => {
    const form = event.target, button = event.submitter;
    const off = button && button.getAttribute('aria-disabled') === 'true';
    if (form.method === 'post' && (off || form.dataset.sent || tooEarly())) {
      event.preventDefault();
      sound(off ? 'no' : 'none');
      if (off) {
        const why = document.getElementById(button.getAttribute('aria-describedby'));
        if (why) { why.setAttribute('role', 'alert'); why.classList.add('told'); }
      }
      return;
    }
    if (form.method !== 'post') return;
    form.dataset.sent = 'yes';
    leaving = true;
    if (button) button.classList.add('pressed');
    sound('yes');
  });
  // The field that keys on the glass fill: of several the one that was touched last.
  let lastField = '';
  function filled(ids) {
    const id = ids.includes(lastField) ? lastField : ids[0];
    const field = document.getElementById(id);
    if (ids.length > 1) for (const one of ids) document.getElementById(one).classList.toggle('at', one === id);
    return field;
  }
  addEventListener('focusin', event => {
    if (!event.target.matches('input[id]:not([type=radio])')) return;
    lastField = event.target.id;
    for (const one of document.querySelectorAll('input.at')) one.classList.toggle('at', one === event.target);
  });
  // A page that the browser keeps for "back" would hold its stream for a minute, and a browser opens
  // six to one host: the next pages would wait.
  addEventListener('pagehide', () => { if (source) source.close(); });
  addEventListener('pageshow', event => { if (event.persisted) location.reload(); });

  addEventListener('click', event => {
    const key = event.target.closest('[data-put]');
    if (key) {
      const field = filled(key.closest('[data-for]').dataset.for.split(' '));
      const put = key.dataset.put;
      if (put === 'clear') field.value = '';
      else if (put === 'back') field.value = field.value.slice(0, -1);
      else if (field.maxLength < 0 || field.value.length < field.maxLength) field.value += put;
      sound('key');
    }
    const turn = event.target.closest('[data-next]');
    if (turn) {
      from[turn.id.replace('-turn', '')] = Number(turn.dataset.next);
      fit();
      sound('key');
    }
    const zoom = event.target.closest('[data-zoom]');
    if (zoom) {
      event.preventDefault();
      zoom.classList.toggle('zoomed');
    }
  });
  addEventListener('input', event => {
    if (event.target.dataset && event.target.dataset.upper) event.target.value = event.target.value.toUpperCase();
  });
  addEventListener('keydown', event => {
    if (event.repeat && event.key === 'Enter') { event.preventDefault(); return; }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = event.target.matches('input:not([type=radio])');
    // A barcode reader ends with Enter: on to the next field that is empty.
    if (event.key === 'Enter' && typing && event.target.closest('[data-wedge]')) {
      const fields = [...event.target.form.querySelectorAll('input[id]')];
      const next = fields.slice(fields.indexOf(event.target) + 1).find(field => !field.value);
      if (next) { event.preventDefault(); next.focus(); return; }
    }
    if (event.key === 'Escape') for (const zoomed of document.querySelectorAll('.zoomed')) zoomed.classList.remove('zoomed');
    if (typing && !/^F\d+$/.test(event.key)) return;
    for (const button of document.querySelectorAll('[data-key]')) {
      if (button.dataset.key === event.key && !event.repeat) { event.preventDefault(); button.click(); return; }
    }
  });

  // --- a person is there ------------------------------------------------------------------
  function there(event) {
    const now = performance.now();
    touchedAt = now;
    if (now - staySent > 15000) {
      staySent = now;
      const body = new URLSearchParams({ csrf: document.body.dataset.csrf });
      fetch('/stay', { method: 'POST', body, credentials: 'same-origin' }).catch(() => {});
    }
  }
  addEventListener('pointerdown', there, { capture: true });
  addEventListener('keydown', there, { capture: true });

  // --- sounds: never the only sign --------------------------------------------------------
  let audio = null;
  function beep(hertz, from, seconds) {
    audio ??= new AudioContext();
    const tone = audio.createOscillator(), gain = audio.createGain();
    tone.frequency.value = hertz;
    gain.gain.value = 0.15;
    tone.connect(gain).connect(audio.destination);
    tone.start(audio.currentTime + from);
    tone.stop(audio.currentTime + from + seconds);
  }
  function sound(kind) {
    if (document.body.dataset.sound !== 'on') return;
    if (kind === 'yes') beep(1000, 0, 0.1);
    if (kind === 'key') beep(1000, 0, 0.03);
    if (kind === 'no') { beep(500, 0, 0.15); beep(500, 0.25, 0.15); }
    if (kind === 'ready') beep(1000, 0, 1.0);
    if (kind === 'stop' || kind === 'idle') for (const at of [0, 0.4, 0.8]) beep(1500, at, 0.3);
  }
  // A finished card and a stop are told again, twice at most, until somebody touches the screen.
  const REMIND_EACH_MS = 10000, REMINDERS = 2;
  let soundedAt = 0, reminders = 0;
  function attend() {
    const now = app().querySelector('[data-attention]');
    const what = now ? now.dataset.attention + now.textContent : '';
    if (now && what !== announced) {
      sound(now.dataset.attention);
      soundedAt = performance.now();
      reminders = now.dataset.attention === 'idle' ? 0 : REMINDERS;
    }
    announced = what;
  }
  function remind() {
    const now = app().querySelector('[data-attention]');
    if (!now || !reminders || touchedAt > soundedAt || performance.now() - soundedAt < REMIND_EACH_MS) return;
    soundedAt = performance.now();
    reminders--;
    sound(now.dataset.attention);
  }

  stampClocks(document);
  fit();
  listen();
  setInterval(watch, WATCH_EACH_MS);
  setInterval(tick, calm ? 1000 : 100);
  settle();
})();
