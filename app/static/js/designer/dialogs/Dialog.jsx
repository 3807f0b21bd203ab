// A window over the designer: the browser's own <dialog>, so focus stays in it and Escape closes it.
import { useEffect, useId, useRef } from 'react';
import { focusOn } from '../actions.js';
import { Icon } from '../icons.jsx';
import { useEditor } from '../use.js';

// Undo and redo also work under a window, but not on a line that has an undo of its own.
const travels = (event) => (event.ctrlKey || event.metaKey) && ['z', 'y'].includes(event.key.toLowerCase()) && !event.target.isContentEditable;

export function Dialog({ title, children, actions, wide = false }) {
  const editor = useEditor();
  const box = useRef(null);
  const id = useId();
  useEffect(() => {
    const back = document.activeElement;
    box.current.showModal();
    (box.current.querySelector('[data-first]') || box.current.querySelector('.window-foot .btn') || box.current.querySelector('.window-body button'))?.focus();
    return () => {
      if (back?.isConnected) back.focus();
      else focusOn(editor.state.selection[0]); // what opened it went with what was done in it
    };
  }, []);
  return (
    <dialog ref={box} className={`window${wide ? ' wide' : ''}`} aria-labelledby={id} onClose={editor.close} onKeyDown={(event) => !travels(event) && event.stopPropagation()}>
      <div className="window-head"><h2 id={id}>{title}</h2><button type="button" className="tool" aria-label={editor.t('close')} onClick={editor.close}><Icon name="close" /></button></div>
      <div className="window-body">{children}</div>
      {actions && <div className="window-foot">{actions}</div>}
    </dialog>
  );
}
