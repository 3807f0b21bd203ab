// Keys of the whole page. Inputs keep theirs; undo and redo are ours everywhere, because every edit is a command.
import { firstIn } from '../designer/focus.js';
import * as actions from './actions.js';
import { rowFor } from './shortcuts.js';

const typing = (target) => target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName) || (target.tagName === 'INPUT' && !['checkbox', 'radio', 'button'].includes(target.type));
const AREAS = ['.top', '.board', '.outline', '.flow-panel', '.dock'];
const ARROWS = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'];
const NUDGE = 16;
const AWAY = { ArrowUp: [0, -NUDGE], ArrowDown: [0, NUDGE], ArrowLeft: [-NUDGE, 0], ArrowRight: [NUDGE, 0] };

/** F6: the next area of the page, there the first thing that can be used. */
function nextArea(editor, by) {
  const areas = AREAS.map((name) => document.querySelector(name)).filter((area) => area?.checkVisibility());
  const at = areas.findIndex((area) => area.contains(document.activeElement));
  const area = areas[(at + by + areas.length) % areas.length];
  if (area?.matches('.board')) actions.focusOn(editor.state.selection[0] || editor.layout().walked.order[0]);
  else if (area) firstIn(area)?.focus();
}

function leave(editor) {
  if (editor.state.compare) editor.compareWith(null);
  else if (!closeOpen(editor)) editor.select(null);
}

function closeOpen(editor) {
  const { panel, dock } = editor.state;
  if (!panel && !dock) return false;
  editor.set(panel ? { panel: false } : { dock: null });
  return true;
}

function leavePanel(editor) {
  actions.focusOn(editor.state.selection[0]);
  editor.set({ panel: false });
}

/** On the free canvas steps move, where they are laid out the focus does. */
function nudge(editor, { key, shiftKey }) {
  if (editor.state.view !== 'free') return actions.step(editor, key, shiftKey);
  const places = editor.places();
  const [dx, dy] = AWAY[key];
  return actions.moved(editor, Object.fromEntries(editor.state.selection.map((id) => [id, { x: places.get(id).x + dx, y: places.get(id).y + dy }])));
}

function openPanel(editor) {
  if (editor.state.selection.length !== 1) return false;
  editor.set({ panel: true });
  requestAnimationFrame(() => document.querySelector('.flow-panel input, .flow-panel textarea')?.focus());
  return true;
}

/**
 * What the keys do. `run` (editor, event, saver) gives false where there is nothing for it to do; `event` instead of keys to press:
 * the browser's own word for them. `typing`: also while somebody types. `compare`: also while two versions are only looked at.
 */
export const PAGE = [
  { keys: ['Ctrl+Z'], words: 'key_undo', typing: true, run: (editor) => editor.undo() },
  { keys: ['Ctrl+Y', 'Ctrl+Shift+Z'], words: 'key_redo', typing: true, run: (editor) => editor.redo() },
  { keys: ['Ctrl+S'], words: 'key_save', typing: true, compare: true, run: (editor, event, saver) => saver.now() },
  { keys: ['Ctrl+F'], words: 'find_step', typing: true, compare: true, run: (editor) => editor.set({ find: true }) },
  { keys: ['Ctrl+D'], words: 'key_duplicate', run: (editor) => actions.duplicate(editor) },
  { keys: ['Ctrl+A'], words: 'key_all', run: (editor) => editor.set({ selection: editor.layout().walked.order, panel: false }) },
  { event: 'copy', shows: ['Ctrl+C'], words: 'key_copy' },
  { event: 'cut', shows: ['Ctrl+X'], words: 'key_cut' },
  { event: 'paste', shows: ['Ctrl+V'], words: 'key_paste' },
  { keys: ['F6', 'Shift+F6'], words: 'key_area', typing: true, compare: true, run: (editor, event) => nextArea(editor, event.shiftKey ? -1 : 1) },
  { keys: ['?'], words: 'key_keys', compare: true, run: (editor) => editor.open({ name: 'keys' }) },
];

export const IN_PANEL = [{ keys: ['Escape'], words: 'key_back', typing: true, compare: true, run: leavePanel }];

/** In the bar and the dock: what stands open goes away first. */
export const IN_BARS = [{ keys: ['Escape'], words: 'key_close', compare: true, run: closeOpen }];

/** On the canvas; `card`: only where the focus is on a step or nowhere. */
export const CANVAS = [
  { keys: ARROWS, words: 'key_arrows', card: true, compare: true, run: (editor, event) => actions.step(editor, event.key, false) },
  { keys: ARROWS.map((key) => `Shift+${key}`), words: 'key_wider', card: true, compare: true, run: (editor, event) => actions.step(editor, event.key, true) },
  { keys: ARROWS.map((key) => `Alt+${key}`), words: 'key_move', card: true, run: nudge },
  { keys: ['Enter', 'F2'], words: 'panel', card: true, run: openPanel },
  { keys: ['+', '='], words: 'key_add', card: true, run: (editor) => actions.paletteBehind(editor) },
  { keys: ['Delete', 'Backspace'], words: 'key_delete', run: (editor) => actions.remove(editor) },
  { keys: ['Escape'], words: 'key_escape', compare: true, run: leave },
];

/** Listen on the document; gives the function that stops it. */
export function listen(editor, saver) {
  const obey = (row, event) => {
    if (!row) return false;
    const looking = editor.state.compare && !row.compare; // two versions are looked at, not edited
    if (looking && !event.ctrlKey && !event.metaKey) return false;
    if (!looking && row.run(editor, event, saver) === false) return false;
    event.preventDefault();
    return true;
  };
  const down = (event) => {
    const { target } = event;
    if (event.defaultPrevented || event.isComposing || target.closest?.('dialog, .flow-palette')) return;
    const free = (row) => row.typing || !typing(target);
    if (target.isContentEditable && (event.ctrlKey || event.metaKey)) return; // a line with an undo of its own
    if (target.closest?.('.flow-panel') && obey(rowFor(IN_PANEL, event, free), event)) return;
    if (target.closest?.('.top, .dock') && obey(rowFor(IN_BARS, event, free), event)) return;
    if (obey(rowFor(PAGE, event, free), event)) return;
    if (typing(target) || target.closest?.('.outline, .dock, .top, .flow-panel')) return;
    const card = target.closest?.('[data-step]') || target === document.body;
    obey(rowFor(CANVAS, event, (row) => card || !row.card), event);
  };
  const copy = (event) => {
    if (typing(event.target) || getSelection().toString() || editor.state.compare) return;
    const text = actions.copy(editor);
    if (!text) return;
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
    if (event.type === 'cut') actions.remove(editor);
  };
  const paste = (event) => {
    if (!typing(event.target) && !editor.state.compare && actions.pasteText(editor, event.clipboardData.getData('text/plain'))) event.preventDefault();
  };
  const kinds = { keydown: down, copy, cut: copy, paste };
  for (const [name, listener] of Object.entries(kinds)) document.addEventListener(name, listener);
  return () => Object.entries(kinds).forEach(([name, listener]) => document.removeEventListener(name, listener));
}
