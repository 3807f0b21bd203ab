// The focus never falls out of the page: where what had it is taken away (a deleted option, a panel that shows something
// else), the nearest thing that is left gets it.

const USABLE = 'a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary, [tabindex="0"]';

/** The first thing in a part of the page that Tab comes to. */
export const firstIn = (part) => [...part.querySelectorAll(USABLE)].find((one) => one.tabIndex >= 0 && one.checkVisibility());

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** In a long list the arrow keys go from one thing to the next, and Tab past all of them. */
export function arrows(event, name) {
  const all = [...event.currentTarget.querySelectorAll(name)];
  const to = STEPS[event.key] && all.includes(event.target) && all[all.indexOf(event.target) + STEPS[event.key]];
  if (!to) return;
  event.preventDefault();
  to.focus();
}

/** Watch a part of the page; gives the function that stops this. Only for keys: a finger would get its keyboard. */
export function keepFocus(root) {
  let way = []; // of the element in focus: [parent, its place in there], the nearest first
  const note = ({ target }) => {
    way = [];
    if (!target.matches(':focus-visible') || target.closest('dialog')) return; // a window gives the focus back itself
    for (let node = target; node !== root && node.parentElement; node = node.parentElement) way.push([node, node.parentElement, [...node.parentElement.children].indexOf(node)]);
  };
  const look = () => {
    if (!way.length || way[0][0].isConnected || document.activeElement !== document.body) return;
    const [, parent, at] = way.find((step) => step[1].isConnected) || [];
    if (!parent) return;
    const near = parent.children[Math.min(at, parent.children.length - 1)];
    (near && (near.matches(USABLE) && near.tabIndex >= 0 ? near : firstIn(near)) || firstIn(parent))?.focus();
  };
  const observer = new MutationObserver(look);
  observer.observe(root, { childList: true, subtree: true });
  root.addEventListener('focusin', note);
  return () => {
    observer.disconnect();
    root.removeEventListener('focusin', note);
  };
}
