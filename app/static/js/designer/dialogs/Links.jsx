// The links under which customers open the form; where there is none, what it takes to make one.
import { useEffect, useState } from 'react';
import { copyText } from '../../copy.js';
import { Icon } from '../icons.jsx';
import { useEditor } from '../use.js';
import { Dialog } from './Dialog.jsx';

export function LinksDialog({ call }) {
  const editor = useEditor();
  return <Dialog title={editor.t('customer_links')} actions={<button type="button" className="btn" onClick={editor.close}>{editor.t('go_on')}</button>}><Links call={call} /></Dialog>;
}

/** How what is edited is in use: what the server last answered, and `ask(method, url, body)` that asks again. */
export function useLinks(call) {
  const editor = useEditor();
  const { t, boot } = editor;
  const [state, setState] = useState({ answer: null, busy: false, error: '' });
  const ask = async (method, url, body) => {
    setState((before) => ({ ...before, busy: true, error: '' }));
    try {
      const answer = await call(method, url, body);
      editor.set({ used: answer.used });
      setState({ answer, busy: false, error: '' });
    } catch (error) {
      setState((before) => ({ ...before, busy: false, error: error.answer?.findings?.[0]?.message || error.answer?.message || t('not_reached') }));
    }
  };
  useEffect(() => { ask('GET', boot.urls.links); }, []);
  return { ...state, ask };
}

/** What went wrong; where nothing is known yet, with a way to ask again. */
export function LinksError({ answer, error, ask }) {
  const { t, boot } = useEditor();
  return error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{error}{!answer && <button type="button" className="link" onClick={() => ask('GET', boot.urls.links)}>{t('try_again')}</button>}</p>;
}

export function Links({ call }) {
  const { t, boot } = useEditor();
  const { answer, busy, error, ask } = useLinks(call);
  return (
    <section className="links">
      {!answer && !error && <p role="status">{t('loading')}</p>}
      {answer?.links.map((link) => <Link key={link.address} link={link} />)}
      {answer && answer.links.length === 0 && (answer.offer.refused
        ? <p className="row-error"><Icon name="alert" size={16} />{answer.offer.refused}</p>
        : <Offer offer={answer.offer} busy={busy} make={(who) => ask('POST', boot.urls.open, { who })} />)}
      <LinksError answer={answer} error={error} ask={ask} />
    </section>
  );
}

export function Link({ link }) {
  const { t } = useEditor();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    setCopied(await copyText(link.address));
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div className="customer-link">
      <img src={link.svg} alt={t('code_of', { name: link.name })} width="132" height="132" />
      <div>
        <h3>{link.name}</h3>
        {link.label && link.label !== link.name && <p>{link.label}</p>}
        <p className="address">{link.address}</p>
        <div className="link-acts">
          <button type="button" className="btn primary" onClick={copy}>{t(copied ? 'copied' : 'copy_link')}</button>
          <a className="btn" href={link.address} target="_blank" rel="noopener">{t('try_it')}</a>
          <a className="btn" href={`${link.png}?download`} download>{t('download_code')}</a>
        </div>
      </div>
    </div>
  );
}

function Offer({ offer, busy, make }) {
  const { t, boot } = useEditor();
  const [who, setWho] = useState(offer.who[0].value);
  return (
    <form className="offer" onSubmit={(event) => { event.preventDefault(); if (!busy) make(who); }}>
      <p><b>{t('link_one_step')}</b></p>
      <label className="offer-label" htmlFor="who">{t('link_who')}</label>
      <span className="pick"><select className="in" id="who" value={who} onChange={(event) => setWho(event.target.value)}>{offer.who.map((one) => <option key={one.value} value={one.value}>{one.name}</option>)}</select><Icon name="down" size={16} /></span>
      {offer.staff.length > 0 && <p className="row-hint">{t('link_staff', { fields: offer.staff.join(t('comma')) })}</p>}
      <button type="submit" className="btn primary" disabled={busy}><Icon name="url" size={18} />{t(busy ? 'link_making' : 'link_make')}</button>
      <p className="row-hint">{t('link_what')} <a className="link" href={boot.urls.flow}>{t('link_draw')}</a></p>
    </form>
  );
}
