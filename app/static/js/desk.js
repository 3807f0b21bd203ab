// The desk works without any of this; here it becomes quicker: keys, busy buttons, files and rules of a task's form.
import { all, el, form, scripts } from './mobile/dom.js';
import * as check from './mobile/check.js';
import * as filter from './mobile/filter.js';
import * as place from './mobile/place.js';
import * as rows from './mobile/rows.js';
import * as uploads from './mobile/uploads.js';
import './reveal.js';
import { copyText } from './copy.js';

const root = document.documentElement;
const token = () => (document.querySelector('input[name=csrf_token]') || {}).value;
root.classList.add('js');

// ---- a task's form ---------------------------------------------------------------------------------------------------

if (form) {
  [rows, uploads, filter, check, place].forEach((part) => part.start());
  scripts(form);
  if (form.dataset.core) document.head.appendChild(el('script', { src: form.dataset.core, async: false }));
  form.addEventListener('submit', (event) => {
    if (!uploads.pending()) return;
    event.preventDefault();
    document.getElementById('state').textContent = JSON.parse(document.getElementById('words').textContent).wait_files.replace('{n}', uploads.pending());
  });
}
const shown = document.getElementById('problems') || document.getElementById('refused');
if (shown) shown.focus();

/** A line above the page, in words that the page brought along (data-offline, data-busy on body). */
function sayOnTop(what) {
  if (document.querySelector(`.above.${what}`)) return;
  const line = el('div', { className: `above ${what}`, textContent: document.body.dataset[what] });
  line.setAttribute('role', 'status');
  document.body.prepend(line);
}
const unsay = (what) => all(`.above.${what}`).forEach((line) => line.remove());

// ---- how far something is that goes on by itself: looked at again until it is done -----------------------------------

function lookAgain() {
  const now = document.querySelector('#result[data-going]');
  if (!now) return;
  setTimeout(() => {
    fetch(window.location.href, { credentials: 'same-origin' })
      .then((answer) => answer.text())
      .then((page) => {
        const next = new DOMParser().parseFromString(page, 'text/html').getElementById('result');
        if (next) now.replaceWith(next);
      }, () => {}) // no connection for now: another look comes
      .then(lookAgain);
  }, 2000);
}
lookAgain();

// ---- one press, one action: the server recognises a second copy, the button says that it is on its way ---------------

document.addEventListener('submit', (event) => {
  if (event.defaultPrevented || event.target.method !== 'post') return;
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  const button = event.submitter;
  event.target.dataset.sent = '1';
  if (button) button.setAttribute('aria-busy', 'true');
  setTimeout(() => sayOnTop('busy'), 500);
  setTimeout(wake, 8000); // no answer: it may be pressed again, the key makes it one action
});
function wake() {
  unsay('busy');
  all('form[data-sent]').forEach((sent) => delete sent.dataset.sent);
  all('[aria-busy]').forEach((button) => button.removeAttribute('aria-busy'));
}
window.addEventListener('pageshow', wake);

// ---- links for customers: copy, print; people of the demo: a click fills both boxes in ---------------------------------

all('[data-copy]').forEach((button) => button.addEventListener('click', async () => {
  const words = button.textContent;
  if (!await copyText(button.dataset.copy)) return;
  button.textContent = button.dataset.copied;
  button.setAttribute('aria-live', 'polite');
  setTimeout(() => { button.textContent = words; }, 2000);
}));
all('[data-print]').forEach((button) => button.addEventListener('click', () => window.print()));
all('input[data-chosen]').forEach((input) => input.addEventListener('change', () => {
  document.getElementById(input.dataset.chosen).textContent = input.files.length ? input.files[0].name : '';
}));
all('[data-person]').forEach((row) => {
  const name = row.querySelector('code');
  const button = el('button', { type: 'button', className: 'fill', textContent: name.textContent });
  name.replaceWith(button);
  row.addEventListener('click', () => {
    document.getElementById('login').value = row.dataset.person;
    document.getElementById('password').value = row.dataset.password;
    document.querySelector('.sign .btn.primary').focus();
  });
});

// ---- no connection -----------------------------------------------------------------------------------------------------

function offline() {
  if (navigator.onLine) unsay('offline');
  else sayOnTop('offline');
}
['online', 'offline'].forEach((kind) => window.addEventListener(kind, offline));
offline();

// ---- the messages about a ticket are read when it is open -----------------------------------------------------------------

const ticket = document.querySelector('[data-ticket]');
if (ticket && token()) {
  fetch(`/tickets/${ticket.dataset.ticket}/seen`, { method: 'POST', headers: { 'X-CSRFToken': token() } }).catch(() => {
    // Offline: the messages stay unread, as the inbox will say.
  });
}

// ---- keys: j k o a / ? ---------------------------------------------------------------------------------------------------

const items = all('[data-item]');
let at = -1;

function go(step) {
  if (!items.length) return;
  at = Math.max(0, Math.min(items.length - 1, at + step));
  items.forEach((item, position) => item.classList.toggle('here', position === at));
  items[at].querySelector('[data-open]').focus({ preventScroll: true });
  items[at].scrollIntoView({ block: 'nearest' });
}

function press(selector) {
  const scope = items[at] || document;
  const target = scope.querySelector(selector);
  if (target) target.click();
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  o: () => items[at] && press('[data-open]'),
  a: () => press('[data-primary]'),
  '/': () => {
    const field = document.getElementById('q');
    if (field) field.focus();
    else window.location.assign('/tickets#q');
  },
  '?': () => window.location.assign('/me#keys'),
};
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
if (window.location.hash === '#q' && document.getElementById('q')) document.getElementById('q').focus();
