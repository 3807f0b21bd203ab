// Asking those who may change the main flow to merge a branch.
import { useState } from 'react';
import { Dialog } from '../../designer/dialogs/Dialog.jsx';
import { Row } from '../../designer/panel/inputs.jsx';
import { useEditor } from '../../designer/use.js';
import { Icon } from '../icons.jsx';

export function AskDialog({ call, saver }) {
  const editor = useEditor();
  const { t, boot: { branch } } = editor;
  const [note, setNote] = useState(editor.state.asked?.note || '');
  const [state, setState] = useState({ busy: false, error: '' });
  const ask = async () => {
    setState({ busy: true, error: '' });
    try {
      await saver.now();
      const answer = await call('POST', branch.urls.ask, { note });
      editor.set({ asked: { at: answer.at, by: t('br_me'), note: note.trim() } });
      editor.close();
    } catch (error) {
      setState({ busy: false, error: error.answer?.message || t('not_reached') });
    }
  };
  return (
    <Dialog title={t('br_ask')} actions={<><button type="button" className="btn" onClick={editor.close}>{t('cancel')}</button><button type="button" className="btn primary" disabled={state.busy} onClick={ask}>{t('br_send')}</button></>}>
      <p>{t('br_ask_help')}</p>
      <Row label={t('br_note')} htmlFor="ask-note"><textarea id="ask-note" className="in" data-first rows={3} maxLength={branch.longest} value={note} onChange={(event) => setNote(event.target.value)} /></Row>
      {state.error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{state.error}</p>}
    </Dialog>
  );
}
