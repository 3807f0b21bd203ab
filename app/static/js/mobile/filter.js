// A long list of choices gets a box that narrows it down. What is ticked stays ticked, and is sent, whether in sight or not.
import { all, el, form, say } from './dom.js';

const WORTH_IT = 8; // shorter lists are read faster than they are searched

const plain = (text) => text.trim().toLowerCase().replace(/[\uff01-\uff5e]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0));

function prepare(box) {
  if (box.querySelector('[type=search]') || all('.opt', box).length < WORTH_IT) return;
  const found = el('p', { className: 'small sub' });
  found.setAttribute('role', 'status');
  const search = el('input', { type: 'search', className: 'input', placeholder: say('filter'), autocomplete: 'off' });
  search.setAttribute('aria-label', say('filter'));
  search.addEventListener('input', () => {
    const wanted = plain(search.value);
    const rows = all('.opt', box);
    rows.forEach((row) => row.classList.toggle('away', !plain(row.textContent).includes(wanted)));
    found.textContent = wanted ? say('matches', { n: rows.filter((row) => !row.classList.contains('away')).length }) : '';
  });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') event.preventDefault(); // searching is not sending
  });
  box.prepend(search, found);
}

export function start() {
  all('[data-many]', form).forEach(prepare);
  form.addEventListener('change', (event) => all('[data-many]', event.target).forEach(prepare)); // a row was added
}
