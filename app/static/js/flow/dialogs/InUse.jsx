// A published flow in use: its ticket types and links; where there is none, the one press that makes them.
import { useEffect, useState } from 'react';
import { Dialog } from '../../designer/dialogs/Dialog.jsx';
import { Link } from '../../designer/dialogs/Links.jsx';
import { useEditor } from '../../designer/use.js';
import { Icon } from '../icons.jsx';

export function InUseDialog({ call }) {
  const editor = useEditor();
  return <Dialog title={editor.t('in_use')} actions={<button type="button" className="btn" onClick={editor.close}>{editor.t('go_on')}</button>}><InUse call={call} /></Dialog>;
}

export function InUse({ call }) {
  const editor = useEditor();
  const { t, boot } = editor;
  const [state, setState] = useState({ answer: null, busy: false, error: '' });
  const ask = async (method, url) => {
    setState((before) => ({ ...before, busy: true, error: '' }));
    try {
      const answer = await call(method, url);
      editor.set({ used: answer.used });
      setState({ answer, busy: false, error: '' });
    } catch (error) {
      setState((before) => ({ ...before, busy: false, error: error.answer?.findings?.[0]?.message || error.answer?.message || t('not_reached') }));
    }
  };
  useEffect(() => { ask('GET', boot.urls.links); }, []);
  const { answer, busy, error } = state;
  return (
    <section className="links">
      {!answer && !error && <p role="status">{t('loading')}</p>}
      {answer?.used && <p>{t('flow_in_use', { types: answer.types.join(t('comma')) })}</p>}
      {answer?.links.map((link) => <Link key={link.address} link={link} />)}
      {answer?.used && answer.links.length === 0 && <p className="row-hint">{t('use_no_links')}</p>}
      {answer && !answer.used && (answer.offer.refused
        ? <p className="row-error"><Icon name="alert" size={16} />{answer.offer.refused}</p>
        : <div className="offer-use"><p>{t('use_what')}</p><button type="button" className="btn primary" disabled={busy} onClick={() => ask('POST', boot.urls.open)}><Icon name="check" size={18} />{t(busy ? 'use_busy' : 'use_it')}</button></div>)}
      {error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{error}{!answer && <button type="button" className="link" onClick={() => ask('GET', boot.urls.links)}>{t('try_again')}</button>}</p>}
    </section>
  );
}
