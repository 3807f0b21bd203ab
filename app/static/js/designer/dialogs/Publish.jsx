// Publishing: what will change for those who fill the form in, what stands in the way, and the button.
import { useState } from 'react';
import { Icon } from '../icons.jsx';
import { useEditor, useView } from '../use.js';
import { Changes } from './Changes.jsx';
import { Dialog } from './Dialog.jsx';
import { Links } from './Links.jsx';
import { Finding, needsALook } from './Problems.jsx';

export function PublishDialog({ call, saver, newest }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const findings = useView((state) => state.findings);
  const [state, setState] = useState({ busy: false, error: '', done: null });
  const errors = findings.filter((finding) => finding.level === 'error');
  const warnings = findings.filter(needsALook);
  const publish = async () => {
    setState({ busy: true, error: '', done: null });
    try {
      await saver.now();
      if (saver.dirty) throw new Error(t('not_saved_yet'));
      const answer = await call('POST', editor.boot.urls.publish, { rev: saver.rev });
      newest.put(answer, content);
      setState({ busy: false, error: '', done: answer });
    } catch (error) {
      if (error.answer?.findings) editor.set({ findings: error.answer.findings });
      setState({ busy: false, error: error.answer?.message || error.message || t('not_reached'), done: null });
    }
  };
  if (state.done) {
    return <Dialog title={t('published_title')} actions={<button type="button" className="btn" onClick={editor.close}>{t('go_on')}</button>}>
      <p className="big-good"><Icon name="check" size={24} />{t('published_as', { n: state.done.version })}</p>
      {state.done.types.map((one) => one.reason
        ? <p key={one.key} className="row-error" role="alert"><Icon name="alert" size={16} />{t('type_kept', { name: one.title, reason: one.reason })}</p>
        : <p key={one.key}>{t('type_new', { name: one.title })}</p>)}
      <Links call={call} />
      {state.done.version > 1 && <p><a className="link" href={editor.boot.urls.published}>{t('open_tickets')}</a></p>}
      <p className="row-hint">{t('published_help')}</p>
    </Dialog>;
  }
  const before = newest.content;
  return (
    <Dialog title={t('publish')} actions={<><button type="button" className="btn" onClick={editor.close}>{t('cancel')}</button><button type="button" className="btn primary" disabled={state.busy || errors.length > 0} onClick={publish}>{t(state.busy ? 'publishing' : editor.boot.published ? 'publish_now' : 'publish')}</button></>}>
      {errors.length > 0 && <section><p className="row-error"><Icon name="alert" size={16} />{t('publish_blocked', { n: errors.length })}</p><ul className="findings">{errors.slice(0, 20).map((finding, at) => <Finding key={at} finding={finding} />)}</ul></section>}
      {warnings.length > 0 && <section><p>{t('publish_warned', { n: warnings.length })}</p><ul className="findings">{warnings.slice(0, 20).map((finding, at) => <Finding key={at} finding={finding} />)}</ul></section>}
      {state.error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{state.error}</p>}
      <section>
        <h3>{t(editor.boot.published ? 'what_changes' : 'first_version')}</h3>
        {before ? <Changes before={before} after={content} call={call} /> : <p>{t(editor.boot.published ? 'loading' : 'first_version_help', { n: content.fields.length })}</p>}
        <p className="row-hint">{t('publish_help')}</p>
      </section>
    </Dialog>
  );
}
