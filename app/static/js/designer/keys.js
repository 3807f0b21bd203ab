// Keys of the whole page. Inputs keep theirs; undo and redo are ours everywhere, because every edit is a command.
import * as actions from './actions.js';
import { firstIn } from './focus.js';

const typing = (target) => target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName) || (target.tagName === 'INPUT' && !['checkbox', 'radio', 'button'].includes(target.type));
const AREAS = ['.top', '.palette', '.canvas', '.panel'];

/** F6: the next area of the page, there the first thing that can be used. */
function nextArea(editor, by) {
  const areas = AREAS.map((name) => document.querySelector(name)).filter((area) => area?.checkVisibility());
  const at = areas.findIndex((area) => area.contains(document.activeElement));
  const area = areas[(at + by + areas.length) % areas.length];
  if (area.matches('.canvas')) toCanvas(editor);
  else firstIn(area)?.focus();
}


/** To what is selected, else to the canvas as a whole. */
function toCanvas(editor) {
  if (editor.state.selection.length) actions.focusOn(editor.state.selection[0]);
  else document.querySelector('.canvas').focus();
}

function withCtrl(editor, saver, event, key) {
  if (key === 'z') return event.shiftKey ? editor.redo() : editor.undo();
  if (key === 'y') return editor.redo();
  if (key === 's') return saver.now();
  if (key === 'd' && !typing(event.target) && actions.selectedFields(editor).length) return actions.duplicate(editor);
  return null;
}

function onCanvas(editor, event) {
  const { selection } = editor.state;
  const stop = event.target.closest?.('[data-id]'); // a field or a section
  if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    actions.nudge(editor, event.key === 'ArrowUp' ? -1 : 1);
    if (selection.length) actions.focusOn(selection[0]);
    return true;
  }
  if (event.key === 'Escape') {
    if (editor.state.dialog) editor.close();
    else editor.select(null);
    return true;
  }
  if ((event.key === 'Delete' || event.key === 'Backspace') && stop) {
    actions.remove(editor);
    return true;
  }
  if (event.target !== (stop || document.querySelector('.canvas'))) return false;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const next = actions.step(editor, event.key === 'ArrowDown' ? 1 : -1, event.shiftKey);
    if (next) actions.focusOn(next);
    return true;
  }
  if (stop && (event.key === 'Enter' || event.key === 'F2')) {
    editor.set({ tab: 'field' });
    actions.toLabel();
    return true;
  }
  return false;
}

/** Listen on the document; gives the function that stops it. */
export function listen(editor, saver) {
  const down = (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (event.target.isContentEditable || !['z', 'y', 's', 'd'].includes(key)) return;
      event.preventDefault();
      withCtrl(editor, saver, event, key);
      return;
    }
    const naming = event.key === 'Enter' && event.target.matches('.props.first input');
    if ((event.key === 'Escape' || naming) && event.target.closest?.('.panel')) {
      event.preventDefault();
      toCanvas(editor);
      return;
    }
    if (['Escape', 'Enter'].includes(event.key) && event.target.matches('.sec-title, .paper-title')) {
      event.preventDefault();
      toCanvas(editor);
      return;
    }
    if (event.key === 'F6' && !event.target.closest('dialog')) {
      event.preventDefault();
      nextArea(editor, event.shiftKey ? -1 : 1);
      return;
    }
    if (typing(event.target)) return;
    if (event.key === '/') {
      event.preventDefault();
      document.getElementById('find')?.focus();
    } else if (onCanvas(editor, event)) event.preventDefault();
  };
  const copy = (event) => {
    if (typing(event.target) || getSelection().toString()) return;
    const text = actions.copy(editor);
    if (text) {
      event.clipboardData.setData('text/plain', text);
      event.preventDefault();
      if (event.type === 'cut') actions.remove(editor);
    }
  };
  const paste = (event) => {
    if (!typing(event.target) && actions.pasteText(editor, event.clipboardData.getData('text/plain'))) event.preventDefault();
  };
  const kinds = { keydown: down, copy, cut: copy, paste };
  for (const [name, listener] of Object.entries(kinds)) document.addEventListener(name, listener);
  return () => Object.entries(kinds).forEach(([name, listener]) => document.removeEventListener(name, listener));
}
