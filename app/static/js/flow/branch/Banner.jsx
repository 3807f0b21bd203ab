// Above a branch: whose it is, that it touches nothing in use, and whether its people ask for the merge.
import { useState } from 'react';
import { useEditor, useView } from '../../designer/use.js';
import { Icon } from '../icons.jsx';

export function Banner({ call }) {
  const editor = useEditor();
  const { t, boot: { branch } } = editor;
  const asked = useView((state) => state.asked);
  const [error, setError] = useState('');
  if (!branch) return null;
  const takeBack = () => call('DELETE', branch.urls.ask).then(() => editor.set({ asked: null }), (problem) => setError(problem.answer?.message || t('not_reached')));
  return (
    <section className="branch-banner" aria-label={t('br_standing')}>
      <p><Icon name="git-pull-request" size={18} />{t('br_banner', branch)}</p>
      {asked && <p className="asked">{t(asked.note ? 'br_asked_note' : 'br_asked', asked)} <button type="button" className="link" onClick={takeBack}>{t('br_take_back')}</button></p>}
      {error && <p className="row-error" role="alert">{error}</p>}
      {branch.may_merge && <a className="link" href={branch.flow.url}>{t('br_to_main')}</a>}
    </section>
  );
}

/** What the bar has for a branch instead of publishing. */
export function BranchActions() {
  const editor = useEditor();
  const { t, boot: { branch } } = editor;
  return (
    <>
      <button type="button" className="btn quiet" title={t('br_update')} aria-label={t('br_update')} onClick={() => editor.open({ name: 'merge', way: 'update' })}><Icon name="repeat" size={18} />{t('br_update_short')}</button>
      {!branch.may_merge && <button type="button" className="btn quiet" title={t('br_look')} aria-label={t('br_look')} onClick={() => editor.open({ name: 'merge', way: 'into' })}><Icon name="git-merge" size={18} /></button>}
      <button type="button" className="btn primary" onClick={() => editor.open(branch.may_merge ? { name: 'merge', way: 'into' } : { name: 'ask' })}>{t(branch.may_merge ? 'br_into' : 'br_ask')}</button>
    </>
  );
}

/** Of a flow that was published: the way to its branches. */
export function ToBranches() {
  const { t, boot: { branches, published } } = useEditor();
  if (!branches || !published) return null;
  const words = branches.asked ? t('branches_asked', { n: branches.asked }) : branches.open ? t('branches_n', { n: branches.open }) : t('branches');
  return <a className={`btn quiet for-desk to-branches${branches.asked ? ' asked' : ''}`} href={branches.url} title={words} aria-label={words}><Icon name="git-pull-request" size={18} />{branches.open > 0 && <b className="count">{branches.open}</b>}</a>;
}
