// Keys of the whole page. Inputs keep theirs; undo and redo are ours everywhere, because every edit is a command.
import * as actions from './actions.js';
import { find } from './model/content.js';

const typing = (target) => target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName) || (target.tagName === 'INPUT' && !['checkbox', 'radio', 'button'].includes(target.type));
const focusOn = (id) => requestAnimationFrame(() => document.querySelector(`[data-id="${id}"]`)?.focus());

function withCtrl(editor, saver, event, key) {
  if (key === 'z') return event.shiftKey ? editor.redo() : editor.undo();
  if (key === 'y') return editor.redo();
  if (key === 's') return saver.now();
  if (key === 'd' && !typing(event.target) && actions.selectedFields(editor).length) return actions.duplicate(editor);
  return null;
}

function onCanvas(editor, event) {
  const { selection } = editor.state;
  const field = event.target.closest?.('.fld');
  if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    actions.nudge(editor, event.key === 'ArrowUp' ? -1 : 1);
    if (selection.length) focusOn(selection[0]);
    return true;
  }
  if (event.key === 'Escape') {
    if (editor.state.dialog) editor.close();
    else editor.select(null);
    return true;
  }
  if ((event.key === 'Delete' || event.key === 'Backspace') && field) {
    actions.remove(editor);
    if (editor.state.selection[0]) focusOn(editor.state.selection[0]);
    return true;
  }
  if (!field || event.target !== field) return false;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const next = actions.step(editor, event.key === 'ArrowDown' ? 1 : -1);
    if (next) focusOn(next);
    return true;
  }
  if ((event.key === 'Enter' || event.key === 'F2') && find(editor.content, field.dataset.id)) {
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
      if (editor.state.selection[0]) focusOn(editor.state.selection[0]);
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
