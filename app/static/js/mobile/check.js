// A word at the field as soon as it is left; the server judges again, and decides.
import { all, box, form, say, setError } from './dom.js';

const PHONE = /^(\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}$|^\+\d[\d -]{5,18}\d$/;
const NUMBER = /^-?\d{1,3}(,?\d{3})*(\.\d+)?$|^-?\d*\.?\d+$/;

const SETTLE_MS = 250;

const labelOf = (field) => (field.querySelector('.label,.tick span').firstChild || {}).textContent || '';

/** The message for a field's present answer, or "". */
function judge(field) {
  const control = field.querySelector('input[name]:not([type=hidden]),select,textarea');
  if (!control || control.type === 'file') return '';
  if (all('input', field).some((input) => input.validity.badInput)) return say('unfinished', { label: labelOf(field) });
  const value = /^(radio|checkbox)$/.test(control.type)
    ? all(`input[type=${control.type}]`, field).filter((one) => one.checked).map((one) => one.value).join('')
    : control.value.trim() || (field.querySelector('[data-look] :checked') || {}).value;
  const label = labelOf(field);
  const needed = field.querySelector('[data-req]');
  if (!value) return needed && !needed.hidden ? say(/^(radio|checkbox|select-one)$/.test(control.type) ? 'choose' : 'fill', { label }) : '';
  if (field.dataset.t === 'phone' && !PHONE.test(value)) return say('phone', { label });
  if (control.validity.typeMismatch && control.type === 'email') return say('email', { label });
  if (field.dataset.t === 'idcard' && !/^\d{17}[\dXx]$/.test(value.replace(/[\s-]/g, ''))) return say('idcard', { label });
  if (/^(number|money)$/.test(field.dataset.t) && !NUMBER.test(value)) return say('number', { label });
  return '';
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
  all('#problems a').forEach((link) => link.addEventListener('click', (event) => {
    const id = decodeURIComponent(link.hash.slice(1));
    const target = document.getElementById(id) || box(id);
    if (!target) return;
    event.preventDefault();
    target.focus({ preventScroll: true });
    (target.closest('[data-f]') || target).scrollIntoView({ block: 'center' });
  }));
}
