// A table works without any of this; here it tells what is not saved yet, grows empty lines, and moves with the keys.
const grid = document.querySelector('form[data-grid]');

if (grid) {
  const said = grid.querySelector('[data-changed]');
  const rows = () => Array.from(grid.querySelectorAll('tbody tr'));
  const controls = (row) => Array.from(row.querySelectorAll('input.input, select.input'));
  const drawn = (control) => (control.tagName === 'SELECT' ? Array.from(control.options).find((option) => option.defaultSelected) : control);
  const before = (control) => {
    const found = drawn(control);
    return control.tagName === 'SELECT' ? (found ? found.value : '') : control.defaultValue;
  };
  let leaving = false;

  const tell = () => {
    let count = 0;
    rows().forEach((row) => {
      const edited = controls(row).some((control) => control.value !== before(control));
      row.classList.toggle('edited', edited);
      count += edited ? 1 : 0;
    });
    if (said) said.textContent = count ? said.dataset.changed.replace('{n}', count) : '';
    return count;
  };

  /** The next empty line: the last one again, under the next number. */
  const grow = () => {
    const last = rows().filter((row) => 'fresh' in row.dataset).pop();
    if (!last || !controls(last).some((control) => control.value)) return;
    const fresh = last.cloneNode(true);
    const number = Number(controls(last)[0].name.split('.')[1]) + 1;
    if (number >= 100) return;
    fresh.removeAttribute('id');
    fresh.querySelectorAll('.err, .when').forEach((line) => line.remove());
    fresh.querySelectorAll('[id]').forEach((part) => { part.id = part.id.replace(/^n\.\d+/, `n.${number}`); });
    controls(fresh).forEach((control) => {
      control.name = control.name.replace(/^n\.\d+/, `n.${number}`);
      control.setAttribute('aria-describedby', `${control.name}-err`);
      control.removeAttribute('aria-invalid');
      if (control.tagName === 'SELECT') Array.from(control.options).forEach((option) => { option.defaultSelected = false; });
      else control.defaultValue = '';
      control.value = '';
    });
    last.after(fresh);
  };

  grid.addEventListener('input', () => { grow(); tell(); });
  grid.addEventListener('change', tell);
  grid.addEventListener('submit', () => { leaving = true; });
  window.addEventListener('pageshow', () => { leaving = false; tell(); });
  window.addEventListener('beforeunload', (event) => {
    if (leaving || !tell()) return;
    event.preventDefault();
    event.returnValue = '';
  });
  // Up and down move within a column, as in a sheet; a list of choices and a date keep their own keys.
  grid.addEventListener('keydown', (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const cell = event.target.closest('td');
    if (!step || !cell || event.target.tagName !== 'INPUT' || event.target.type === 'date' || event.isComposing) return;
    const there = rows()[rows().indexOf(cell.parentNode) + step];
    const column = event.target.name.split('.').pop();
    const next = there && controls(there).find((control) => control.name.split('.').pop() === column);
    if (!next) return;
    event.preventDefault();
    next.focus();
    if (next.select) next.select();
  });
}
