// What was typed, drawn and sent survives a lost connection or a closed page: kept on this phone only, never sensitive
// answers. Of files it keeps what the server calls them.
import { all, el, form, say } from './dom.js';
import { restore } from './uploads.js';

const KEEP_MS = 7 * 24 * 3600 * 1000;

/** localStorage, or nothing where the browser forbids it (private windows throw). */
function store(action) {
  try {
    return action(window.localStorage);
  } catch (error) {
    return null;
  }
}

const keyOf = (key) => `danflow:draft:${key}`;

/** Forget the draft: the ticket exists now. */
export const clear = (key) => store((box) => box.removeItem(keyOf(key)));

const kept = (control) => control.name && control.name[0] !== '_' && !/^(file|hidden|submit|button)$/.test(control.type)
  && !control.closest('[data-secret]') && !control.closest('[data-t=consent]');

function read() {
  return Array.from(form.elements).filter(kept)
    .filter((control) => !/^(radio|checkbox)$/.test(control.type) || control.checked)
    .map((control) => [control.name, control.value])
    .filter(([, value]) => value !== '');
}

const mine = (node) => !node.closest('[data-secret]');

/** All of a draft. A signature that is drawn stands on its box (signature.js), a file on its item (uploads.js). */
const gather = () => ({
  pairs: read(),
  files: all('.file', form).filter(mine).map((item) => item.keep).filter(Boolean),
  drawn: all('[data-sign]', form).filter(mine).filter((pad) => pad.strokes).map((pad) => [pad.closest('[data-f]').dataset.f, pad.strokes]),
});

function write(pairs) {
  const rows = new Set(pairs.map(([name]) => name.split('.')).filter((parts) => parts.length > 2).map((parts) => `${parts[0]}.${parts[1]}`));
  rows.forEach((row) => {
    const [table, index] = row.split('.');
    const field = all('[data-t=subtable]', form).find((node) => node.dataset.f === table);
    if (field && !field.querySelector(`[data-row="${Number(index)}"]`)) field.querySelector('[data-add]').click();
  });
  Array.from(form.elements).filter(kept).forEach((control) => {
    const values = pairs.filter(([name]) => name === control.name).map(([, value]) => value);
    if (/^(radio|checkbox)$/.test(control.type)) control.checked = values.includes(control.value) || (!values.length && control.value === '');
    else if (values.length) {
      control.value = values[0];
      if (control.value !== values[0]) control.dataset.want = values[0]; // a list that is filled later
    }
  });
}

export function start() {
  const key = form.dataset.draft;
  if (!key) return;
  let over = false;
  const before = JSON.stringify(gather());
  const saved = store((box) => JSON.parse(box.getItem(keyOf(key)) || 'null'));
  if (saved && Date.now() - saved.at < KEEP_MS && !document.getElementById('problems') && JSON.stringify({ ...saved, at: undefined, leaf: undefined }) !== before) {
    write(saved.pairs);
    restore(saved.files || []);
    (saved.drawn || []).forEach(([name, strokes]) => all('[data-sign]', form).filter((pad) => pad.closest('[data-f]').dataset.f === name)
      .forEach((pad) => { pad.strokes = strokes; }));
    form.dataset.leaf = saved.leaf || 0; // the page that was open, of a form of several
    const drop = el('button', { className: 'btn tiny', type: 'button', textContent: say('start_over') });
    const note = el('div', { className: 'note' }, el('div', { textContent: say('restored') }), drop);
    note.setAttribute('role', 'status');
    drop.addEventListener('click', () => {
      over = true; // leaving this page must not keep what was typed since
      clear(key);
      window.location.reload();
    });
    form.prepend(note);
  }
  let timer;
  const save = () => over || store((box) => box.setItem(keyOf(key), JSON.stringify({ ...gather(), at: Date.now(), leaf: form.dataset.leaf })));
  ['input', 'change', 'keep'].forEach((kind) => form.addEventListener(kind, () => {
    clearTimeout(timer);
    timer = setTimeout(save, 400);
  }));
  window.addEventListener('pagehide', () => {
    if (timer) save();
  });
}
