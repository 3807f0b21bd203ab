// What an edit also did, with the way back; gone after a while, or with the next edit.
import { useEffect } from 'react';
import { useEditor, useView } from '../use.js';

const STAYS_MS = 10_000;

export function Toast() {
  const editor = useEditor();
  const toast = useView((state) => (state.toast?.steps === state.steps ? state.toast : null));
  useEffect(() => {
    if (!toast) return undefined;
    const timer = setTimeout(() => editor.set({ toast: null }), STAYS_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  return <div className="toast" role="status" hidden={!toast}>{toast && <>{toast.words}{toast.back && <button type="button" className="link" onClick={editor.undo}>{editor.t('undo')}</button>}</>}</div>;
}
