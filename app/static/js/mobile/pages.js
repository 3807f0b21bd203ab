// A form of several pages, shown one at a time. Without this file they stand below each other, each under its heading.
import { all, box, form } from './dom.js';

const leaves = all('.leaf', form);
const [back, next, submit] = ['back', 'next', 'submit'].map((id) => document.getElementById(id));
const REST_MS = 350;
let at = 0;
let turned = 0; // when

/** The second tap of two: it was meant for the button that stood there before. */
const again = () => Date.now() - turned < REST_MS;

/** Whether anything stands on a page: rules may hide all of it. */
const asks = (leaf) => all('[data-f]', leaf).some((field) => !field.closest('[hidden]'));

/** The nearest page before (-1) or behind (1) the present one that asks something; -1 where there is none. */
function beside(step) {
  let index = at + step;
  while (leaves[index] && !asks(leaves[index])) index += step;
  return leaves[index] ? index : -1;
}

function draw() {
  if (!asks(leaves[at])) at = Math.max(beside(-1), 0); // a rule has just emptied it
  const stops = leaves.filter((leaf, index) => index === at || asks(leaf));
  const n = stops.indexOf(leaves[at]) + 1;
  const last = n === stops.length;
  const head = leaves[at].querySelector('.leaf-head');
  const words = form.dataset.step.replace('{n}', n).replace('{total}', stops.length);
  if (head.textContent !== words) head.textContent = words; // it is a live region: say only what is new
  head.style.backgroundSize = `${(100 * n) / stops.length}% 4px, 100% 4px`; // how far, drawn
  leaves.forEach((leaf, index) => leaf.classList.toggle('now', index === at));
  back.hidden = n === 1;
  next.hidden = last;
  submit.hidden = !last;
}

function turn(to) {
  at = to;
  turned = Date.now();
  draw();
  form.dataset.leaf = at; // a draft remembers it
  form.dispatchEvent(new Event('input'));
}

function read() {
  const head = leaves[at].querySelector('.leaf-head');
  head.focus({ preventScroll: true });
  head.scrollIntoView();
}

/** Turn to a page as a step that the browser's Back undoes. */
function go(to) {
  window.history.pushState({ leaf: to, from: at }, '');
  turn(to);
}

function forward() {
  if (again()) return;
  const fine = leaves[at].dispatchEvent(new CustomEvent('check', { bubbles: true, cancelable: true }));
  const to = beside(1);
  if (!fine || to < 0) return;
  go(to);
  read();
}

next.addEventListener('click', forward);
back.addEventListener('click', () => {
  const to = beside(-1);
  if ((window.history.state || {}).from === to) {
    window.history.back();
    return;
  }
  window.history.replaceState({ leaf: to }, '');
  turn(to);
  read();
});
window.addEventListener('popstate', ({ state }) => {
  if (!state || !leaves[state.leaf]) return;
  turn(state.leaf);
  read();
});
// Before anyone else hears of it: Enter turns the page until the last one is open.
document.addEventListener('submit', (event) => {
  const by = event.submitter || document.activeElement;
  if (event.target !== form || (by && by.tagName === 'BUTTON' && by.name) || (!submit.hidden && !again())) return;
  event.preventDefault();
  event.stopPropagation();
  forward();
}, true);
document.addEventListener('click', (event) => {
  const link = event.target.closest('#problems a');
  const id = link && decodeURIComponent(link.hash.slice(1));
  const target = id && (document.getElementById(id) || box(id));
  const to = target ? leaves.indexOf(target.closest('.leaf')) : -1;
  if (to >= 0 && to !== at) go(to);
}, true);

const bad = leaves.findIndex((leaf) => leaf.querySelector('.bad'));
at = bad < 0 ? Number(form.dataset.leaf || 0) : bad;
if (!leaves[at]) at = 0; // a draft of a form that had more pages
window.history.replaceState({ leaf: at }, '');
form.classList.add('paged');
draw();
const seen = new MutationObserver(draw);
leaves.forEach((leaf) => seen.observe(leaf, { attributes: true, attributeFilter: ['hidden'], subtree: true }));
