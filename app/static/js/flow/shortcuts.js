// Keys as data: each table is what its part of the page obeys and what the window of shortcuts shows. Pure.
//
// A row: {keys: ["Ctrl+Z", …], words: key of its text, run, …}. A key is named as the browser does (KeyboardEvent.key), letters
// large; Ctrl stands for ⌘ too; Shift is named where it is no part of the sign itself.

/** The name of what is pressed. */
export function chord({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  const sign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  return [(ctrlKey || metaKey) && 'Ctrl', altKey && 'Alt', shiftKey && !sign && 'Shift', key.length === 1 ? key.toUpperCase() : key].filter(Boolean).join('+');
}

/** The row of a table that a key belongs to, and that holds now. */
export function rowFor(rows, event, holds = () => true) {
  const name = chord(event);
  return rows.find((row) => row.keys?.includes(name) && holds(row));
}

const SIGNS = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc', Delete: 'Del', Backspace: '⌫', ' ': 'Space', Insert: 'Ins' };

/** How keys are shown: those with the same prefix together, ["Alt+ArrowUp", "Alt+ArrowDown", "F2"] → "Alt ↑ ↓ / F2". */
export function shown(keys) {
  const groups = new Map();
  for (const key of keys) {
    const [, prefix, last] = /^((?:\w+\+)*)(.+)$/su.exec(key);
    groups.set(prefix, [...(groups.get(prefix) || []), SIGNS[last] || last]);
  }
  return [...groups].map(([prefix, last]) => [...prefix.split('+').filter(Boolean), ...last].join(' ')).join(' / ');
}
