// Sub-tables: add and remove rows without a round trip. The submit buttons they replace do the same on the server.
import { all, form, say, scripts } from './dom.js';

function renumber(rows) {
  all('[data-row]', rows).forEach((row, position) => {
    row.querySelector('[data-n]').textContent = say('row', { n: position + 1 });
  });
  const adder = rows.parentNode.querySelector('[data-add]');
  adder.hidden = rows.children.length >= Number(rows.dataset.max);
}

function changed(rows) {
  renumber(rows);
  rows.dispatchEvent(new Event('change', { bubbles: true }));
}

function add(button) {
  const table = button.closest('[data-f]');
  const rows = table.querySelector('[data-rows]');
  const index = 1 + Math.max(-1, ...all('[data-row]', rows).map((row) => Number(row.dataset.row)));
  const piece = document.importNode(table.querySelector('template').content, true);
  all('*', piece).forEach((node) => {
    Array.from(node.attributes).forEach((attribute) => {
      if (attribute.value.includes('{}')) attribute.value = attribute.value.split('{}').join(index);
    });
  });
  rows.appendChild(piece);
  scripts(rows);
  changed(rows);
  const first = rows.lastElementChild.querySelector('.input');
  if (first) first.focus();
}

export function start() {
  form.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.hasAttribute('data-add')) {
      event.preventDefault();
      add(button);
    } else if (button.hasAttribute('data-drop') && button.closest('[data-row]') && button.parentNode.className === 'row-head') {
      event.preventDefault();
      const rows = button.closest('[data-rows]');
      button.closest('[data-row]').remove();
      changed(rows);
      rows.focus();
    }
  });
  all('[data-rows]', form).forEach(renumber);
}
