// Long lists: what is found appears while its name is typed. The form itself is asked, as its button does without scripts.
import { all, form, say, setError } from './dom.js';

const PAUSE_MS = 400;
const SEND = { method: 'POST', credentials: 'same-origin' }; // Chrome 66 sends no cookies unasked

/** The name under which the server draws a field again: it numbers the rows of a table anew. */
function drawnAs(field) {
  const [table, , column] = field.dataset.f.split('.');
  const rows = field.closest('[data-rows]');
  return rows ? `${table}.${Array.from(rows.children).indexOf(field.closest('[data-row]'))}.${column}` : table;
}

async function search(look, words) {
  const field = look.closest('[data-f]');
  const name = drawnAs(field);
  const body = new FormData(form);
  body.set('_do', 'render');
  let found;
  try {
    const answer = await fetch(form.action, { ...SEND, body });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    found = all('[data-f]', page).find((node) => node.dataset.f === name).querySelector('[data-found]');
  } catch (problem) {
    setError(field, say('failed'));
    return;
  }
  if (look.querySelector('[type=search]').value !== words) return; // typed on meanwhile: another answer is coming
  all('input', found).forEach((input) => { input.name = input.name.replace(name, field.dataset.f); });
  found.querySelector('[type=hidden]').value = words; // these are found by these words, whichever of them is chosen
  look.querySelector('[data-found]').replaceWith(found);
  setError(field, '');
  form.dispatchEvent(new Event('input'));
}

const lookOf = (event) => event.target.closest('[data-look]');
let timer;

function soon(look, pause) {
  clearTimeout(timer);
  timer = setTimeout(() => search(look, look.querySelector('[type=search]').value), pause);
}

form.addEventListener('input', (event) => {
  if (event.target.type === 'search' && lookOf(event)) soon(lookOf(event), PAUSE_MS);
});
form.addEventListener('click', (event) => {
  if (!event.target.closest('[data-find]')) return;
  event.preventDefault();
  soon(lookOf(event), 0);
});
form.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.target.type !== 'search' || !lookOf(event)) return;
  event.preventDefault(); // it would send the form
  soon(lookOf(event), 0);
});
