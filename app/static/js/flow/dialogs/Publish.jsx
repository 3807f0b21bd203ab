// Publishing a flow: what stands in the way, what must be ticked, what changes, whom it reaches, and the button.
import { useEffect, useState } from 'react';
import { Changes } from '../../designer/dialogs/Changes.jsx';
import { Dialog } from '../../designer/dialogs/Dialog.jsx';
import { useEditor, useView } from '../../designer/use.js';
import { Finding } from '../dock/Problems.jsx';
import { Icon } from '../icons.jsx';
import { InUse } from './InUse.jsx';

export function PublishDialog({ call, saver }) {
  const editor = useEditor();
  const { t, boot } = editor;
  const content = useView((state) => state.content);
  const findings = useView((state) => state.findings);
  const [ticked, setTicked] = useState([]);
  const [about, setAbout] = useState({ before: null, types: null, error: '' });
  const [state, setState] = useState({ busy: false, error: '', done: null });
  const errors = findings.filter((one) => one.level === 'error');
  const warnings = findings.filter((one) => one.level === 'warning');
  const open = warnings.filter((one) => !ticked.includes(one.mark));
  useEffect(() => {
    const fail = (error) => setAbout((now) => ({ ...now, error: error.answer?.message || t('not_reached') }));
    saver.now(); // the findings are those of the last save
    call('GET', boot.urls.affected).then((answer) => setAbout((now) => ({ ...now, types: answer.types })), fail);
    if (boot.published) call('GET', boot.urls.versions).then(([newest]) => call('GET', boot.urls.version.replace('{id}', newest.id))).then((answer) => setAbout((now) => ({ ...now, before: answer.content })), fail);
  }, []);
  const tick = (mark) => setTicked(ticked.includes(mark) ? ticked.filter((one) => one !== mark) : [...ticked, mark]);
  const publish = async () => {
    setState({ busy: true, error: '', done: null });
    try {
      await saver.now();
      if (saver.dirty) throw new Error(t('not_saved_yet'));
      const answer = await call('POST', boot.urls.publish, { rev: saver.rev, ticked });
      boot.published = { version: answer.version, at: answer.at };
      editor.set({ live: content });
      setState({ busy: false, error: '', done: answer });
    } catch (error) {
      if (error.answer?.findings) editor.set({ findings: error.answer.findings });
      const moved = (error.answer?.changes || []).slice(0, 3).join(t('comma'));
      setState({ busy: false, error: [error.answer?.message || error.message || t('not_reached'), moved].filter(Boolean).join(' '), done: null });
    }
  };
  if (state.done) return <Done answer={state.done} call={call} />;
  const can = !state.busy && !errors.length && !open.length;
  return (
    <Dialog title={t('publish')} wide actions={<><button type="button" className="btn" onClick={editor.close}>{t('cancel')}</button><button type="button" className="btn primary" disabled={!can} onClick={publish}>{t(state.busy ? 'publishing' : 'publish')}</button></>}>
      {errors.length > 0 && <section><p className="row-error"><Icon name="alert" size={16} />{t('publish_errors', { n: errors.length })}</p><ul className="findings">{errors.slice(0, 20).map((one) => <Finding key={`${one.mark}${one.message}`} finding={one} call={call} />)}</ul></section>}
      {warnings.length > 0 && <section><p>{t('publish_ticks')}</p><ul className="findings">{warnings.map((one) => <Finding key={`${one.mark}${one.message}`} finding={one} call={call} ticked={ticked.includes(one.mark)} onTick={() => tick(one.mark)} />)}</ul>{open.length > 0 && <p className="row-hint">{t('publish_untold', { n: open.length })}</p>}</section>}
      {state.error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{state.error}</p>}
      {about.error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{about.error}</p>}
      <section>
        <h3>{t(boot.published ? 'what_changes' : 'first_version')}</h3>
        {!boot.published && <p>{t('publish_first', { n: content.nodes.length })}</p>}
        {boot.published && (about.before ? <Changes before={about.before} after={content} call={call} /> : !about.error && <p className="row-hint">{t('loading')}</p>)}
      </section>
      <section>
        <h3>{t('affected')}</h3>
        {!about.types && !about.error && <p className="row-hint">{t('loading')}</p>}
        {about.types?.length === 0 && <p>{t('affected_none')}</p>}
        {about.types?.map((one) => <p key={one.key}>{t('affected_type', { name: one.title })}{one.open > 0 && t('comma') + t('affected_open', { n: one.open })}</p>)}
        <p className="row-hint">{t('publish_help')}</p>
      </section>
    </Dialog>
  );
}

function Done({ answer, call }) {
  const editor = useEditor();
  const { t } = editor;
  return (
    <Dialog title={t('published_title')} actions={<button type="button" className="btn" onClick={editor.close}>{t('go_on')}</button>}>
      <p className="big-good"><Icon name="check" size={24} />{t(answer.repeated ? 'publish_same' : 'published_flow', { n: answer.version })}</p>
      {answer.types.map((one) => one.reason
        ? <p key={one.key} className="row-error" role="alert"><Icon name="alert" size={16} />{t('type_kept', { name: one.title, reason: one.reason })}</p>
        : <p key={one.key}>{t('affected_type', { name: one.title })}</p>)}
      {answer.version > 1 && <p><a className="link" href={editor.boot.urls.move}>{t('move_tickets')}</a></p>}
      <InUse call={call} />
    </Dialog>
  );
}
