// Province, city, county: lower lists are filled as soon as the one above is chosen. A province's list is fetched once.
import { all, el, form, plain, say, setError } from './dom.js';

const lists = {}; // province → promise of [[code, name, [[code, name]]]]

function fetched(place, province) {
  lists[province] = lists[province] || fetch(place.dataset.region.replace('000000', province)).then((answer) => {
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }).catch((problem) => {
    delete lists[province]; // the next choice tries again
    throw problem;
  });
  return lists[province];
}

/** Fill a list. `rows` null: the one above is not chosen yet; none: there is nothing below, and no list is shown. */
function fill(select, rows, wanted) {
  while (select.options.length > 1) select.remove(1);
  (rows || []).forEach(([code, name]) => select.append(el('option', { value: code, textContent: name })));
  select.value = wanted;
  if (select.selectedIndex < 0) select.value = '';
  select.disabled = !rows;
  select.parentNode.hidden = Boolean(rows && !rows.length);
}

/** Make the lists say the area `code`, as far down as it goes: "" for none. */
async function draw(place, code) {
  const [top, city, county] = all('select', place);
  top.value = code && `${code.slice(0, 2)}0000`;
  const province = top.value;
  let rows = null;
  try {
    rows = province ? await fetched(place, province) : null;
  } catch (problem) {
    setError(place.closest('[data-f]'), say('no_list'));
    plain();
    return;
  }
  if (top.value !== province) return; // chosen again meanwhile
  const step = (rows || []).find((row) => row[0] === code || row[2].some((below) => below[0] === code));
  fill(city, rows, step ? step[0] : '');
  if (county) fill(county, rows && !rows.length ? [] : step ? step[2] : null, code);
  form.dispatchEvent(new Event('input'));
}

all('[data-region]', form).forEach((place) => {
  const selects = all('select', place);
  // A draft brought choices back for which there was no list yet.
  draw(place, selects.map((select) => select.dataset.want || select.value).filter(Boolean).pop() || '');
  place.addEventListener('change', (event) => {
    const level = selects.indexOf(event.target);
    draw(place, event.target.value || (level ? selects[level - 1].value : ''));
  });
  place.addEventListener('put', (event) => draw(place, event.detail || ''));
});
