// Keys of the whole page. Inputs keep theirs; undo and redo are ours everywhere, because every edit is a command.
import { firstIn } from '../designer/focus.js';
import * as actions from './actions.js';

const typing = (target) => target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName) || (target.tagName === 'INPUT' && !['checkbox', 'radio', 'button'].includes(target.type));
const AREAS = ['.top', '.board', '.outline', '.flow-panel', '.dock'];
const ARROWS = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'];
const NUDGE = 16;

/** F6: the next area of the page, there the first thing that can be used. */
function nextArea(editor, by) {
  const areas = AREAS.map((name) => document.querySelector(name)).filter((area) => area?.checkVisibility());
  const at = areas.findIndex((area) => area.contains(document.activeElement));
  const area = areas[(at + by + areas.length) % areas.length];
  if (area?.matches('.board')) actions.focusOn(editor.state.selection[0] || editor.layout().walked.order[0]);
  else if (area) firstIn(area)?.focus();
}

function withCtrl(editor, saver, event, key) {
  if (editor.state.compare && key !== 'f' && key !== 's') return undefined; // two versions are looked at, not edited
  if (key === 'z') return event.shiftKey ? editor.redo() : editor.undo();
  if (key === 'y') return editor.redo();
  if (key === 's') return saver.now();
  if (key === 'f') return editor.set({ find: true });
  if (typing(event.target)) return undefined;
  if (key === 'd') return actions.duplicate(editor);
  return editor.set({ selection: editor.layout().walked.order, panel: false });
}

function onCanvas(editor, event) {
  const { selection, view } = editor.state;
  const card = event.target.closest?.('[data-step]');
  if (event.key === 'Escape') {
    if (editor.state.compare) editor.compareWith(null);
    else if (editor.state.panel) editor.set({ panel: false });
    else if (editor.state.dock) editor.set({ dock: null });
    else editor.select(null);
    return true;
  }
  if (editor.state.compare && !ARROWS.includes(event.key)) return false;
  if (event.key === 'Delete' || event.key === 'Backspace') {
    actions.remove(editor);
    return true;
  }
  if (!card && event.target !== document.body) return false;
  if (ARROWS.includes(event.key) && event.altKey && view === 'free') {
    const [dx, dy] = { ArrowUp: [0, -NUDGE], ArrowDown: [0, NUDGE], ArrowLeft: [-NUDGE, 0], ArrowRight: [NUDGE, 0] }[event.key];
    const places = editor.places();
    actions.moved(editor, Object.fromEntries(selection.map((id) => [id, { x: places.get(id).x + dx, y: places.get(id).y + dy }])));
    return true;
  }
  if (ARROWS.includes(event.key)) {
    actions.step(editor, event.key, event.shiftKey);
    return true;
  }
  if (event.key === '+' || event.key === '=') return actions.paletteBehind(editor);
  if ((event.key === 'Enter' || event.key === 'F2') && selection.length === 1) {
    editor.set({ panel: true });
    requestAnimationFrame(() => document.querySelector('.flow-panel input, .flow-panel textarea')?.focus());
    return true;
  }
  return false;
}

/** Listen on the document; gives the function that stops it. */
export function listen(editor, saver) {
  const down = (event) => {
    if (event.defaultPrevented || event.isComposing || event.target.closest?.('dialog, .flow-palette')) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (event.target.isContentEditable || !['z', 'y', 's', 'f', 'd', 'a'].includes(key) || (typing(event.target) && ['d', 'a'].includes(key))) return;
      event.preventDefault();
      withCtrl(editor, saver, event, key);
      return;
    }
    if (event.key === 'Escape' && event.target.closest?.('.flow-panel')) {
      event.preventDefault();
      actions.focusOn(editor.state.selection[0]);
      editor.set({ panel: false });
      return;
    }
    if (event.key === 'Escape' && !typing(event.target) && event.target.closest?.('.top, .dock') && (editor.state.panel || editor.state.dock)) {
      event.preventDefault();
      editor.set(editor.state.panel ? { panel: false } : { dock: null });
      return;
    }
    if (event.key === 'F6') {
      event.preventDefault();
      nextArea(editor, event.shiftKey ? -1 : 1);
      return;
    }
    if (typing(event.target) || event.target.closest?.('.outline, .dock, .top, .flow-panel')) return;
    if (onCanvas(editor, event)) event.preventDefault();
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
