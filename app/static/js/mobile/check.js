// A word at the field as soon as it is left, and at all fields of a page before it is turned; the server judges again,
// and decides. What it would take must pass here.
import { all, box, form, say, setError } from './dom.js';

const PHONE = /^((\+|00)?86)?1[3-9]\d{9}$|^(\+|00)[1-9]\d{6,14}$|^0\d{9,11}([,x#]\d{1,6})?$/;
const NUMBER = /^-?\d{1,3}(,?\d{3})*(\.\d+)?$|^-?\d*\.?\d+$/;

const SETTLE_MS = 250;

const labelOf = (field) => (field.querySelector('.label,.tick span').firstChild || {}).textContent || '';

const half = (text) => text.normalize('NFKC').trim();

/** The message for a field that must be answered and is not, or "". */
function missing(field, answered, words = 'fill') {
  const needed = field.querySelector('[data-req]');
  return needed && !needed.hidden && !answered ? say(words, { label: labelOf(field) }) : '';
}

/** The message for a field's present answer, or "". */
function judge(field) {
  const control = field.querySelector('input[name]:not([type=hidden]),select,textarea');
  if (field.dataset.t === 'subtable') return missing(field, all('[data-row]', field).length);
  if (!control || control.disabled) return '';
  if (control.type === 'file') return missing(field, control.files.length || field.querySelector('.file:not(.failed),.signed'));
  if (all('input', field).some((input) => input.validity.badInput)) return say('unfinished', { label: labelOf(field) });
  const value = /^(radio|checkbox)$/.test(control.type)
    ? all(`input[type=${control.type}]`, field).filter((one) => one.checked).map((one) => one.value).join('')
    : half(control.value) || (field.querySelector('[data-look] :checked,[type=file]') || {}).value;
  const label = labelOf(field);
  if (!value) return missing(field, false, /^(radio|checkbox|select-one)$/.test(control.type) ? 'choose' : 'fill');
  if (field.dataset.t === 'phone' && !PHONE.test(value.replace(/[\s().-]+/g, ''))) return say('phone', { label });
  if (control.validity.typeMismatch && control.type === 'email') return say('email', { label });
  if (field.dataset.t === 'idcard' && !/^\d{17}[\dXx]$/.test(value.replace(/[\s-]/g, ''))) return say('idcard', { label });
  if (/^(number|money)$/.test(field.dataset.t) && !NUMBER.test(value)) return say('number', { label });
  return '';
}

function show(field, control) {
  if (control) control.focus({ preventScroll: true });
  field.scrollIntoView({ block: 'center' });
}

export function start() {
  form.addEventListener('focusout', (event) => {
    const field = event.target.closest('[data-f]');
    if (!field || event.target.type === 'file' || field.dataset.t === 'subtable') return;
    if (event.relatedTarget && field.contains(event.relatedTarget)) return; // still inside: next radio, next part
    if (event.target.matches('button') || field.dataset.rule) return;
    // Not at once: a message that appears now would push the button away from under the finger that is pressing it.
    const begun = event.target.value || (event.target.validity || {}).badInput; // half a date has no value yet
    if (field.dataset.touched || begun) setTimeout(() => setError(field, judge(field)), SETTLE_MS);
  });
  form.addEventListener('input', (event) => {
    const field = event.target.closest('[data-f]');
    if (!field) return;
    field.dataset.touched = '1';
    if (field.classList.contains('bad') && !field.dataset.rule && !judge(field)) setError(field, '');
  });
  form.addEventListener('check', (event) => {
    const bad = all('[data-f]', event.target).filter((field) => {
      if (field.closest('[hidden]') || field.dataset.rule) return false; // what a rule says is between several fields
      const message = judge(field);
      if (message || field.dataset.touched) setError(field, message); // what the server said stays till it is mended
      return message;
    });
    if (!bad.length) return;
    event.preventDefault();
    show(bad[0], bad[0].querySelector('input:not([type=hidden]),select,textarea,button'));
  });
  all('#problems a').forEach((link) => link.addEventListener('click', (event) => {
    const id = decodeURIComponent(link.hash.slice(1));
    const target = document.getElementById(id) || box(id);
    if (!target) return;
    event.preventDefault();
    show(target.closest('[data-f]') || target, target);
  }));
}
