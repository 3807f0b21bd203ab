// A published flow in use: its ticket types and links; where there is none, the one press that makes them.
import { Dialog } from '../../designer/dialogs/Dialog.jsx';
import { Link, LinksError, useLinks } from '../../designer/dialogs/Links.jsx';
import { useEditor } from '../../designer/use.js';
import { Icon } from '../icons.jsx';

export function InUseDialog({ call }) {
  const editor = useEditor();
  return <Dialog title={editor.t('in_use')} actions={<button type="button" className="btn" onClick={editor.close}>{editor.t('go_on')}</button>}><InUse call={call} /></Dialog>;
}

export function InUse({ call }) {
  const { t, boot } = useEditor();
  const { answer, busy, error, ask } = useLinks(call);
  return (
    <section className="links">
      {!answer && !error && <p role="status">{t('loading')}</p>}
      {answer?.used && <p>{t('flow_in_use', { types: answer.types.join(t('comma')) })}</p>}
      {answer?.links.map((link) => <Link key={link.address} link={link} />)}
      {answer?.used && answer.links.length === 0 && <p className="row-hint">{t('use_no_links')}</p>}
      {answer && !answer.used && (answer.offer.refused
        ? <p className="row-error"><Icon name="alert" size={16} />{answer.offer.refused}</p>
        : <div className="offer-use"><p>{t('use_what')}</p><button type="button" className="btn primary" disabled={busy} onClick={() => ask('POST', boot.urls.open)}><Icon name="check" size={18} />{t(busy ? 'use_busy' : 'use_it')}</button></div>)}
      <LinksError answer={answer} error={error} ask={ask} />
    </section>
  );
}
