// Merging a branch into the flow's draft, or bringing it up to date: what both changed differently is decided here, what would
// change and what the checks would say of it is seen before anything is stored.
import { useEffect, useState } from 'react';
import { ChangeList } from '../../designer/dialogs/Changes.jsx';
import { Dialog } from '../../designer/dialogs/Dialog.jsx';
import { useEditor } from '../../designer/use.js';
import { Icon } from '../icons.jsx';

export function MergeDialog({ dialog, call, saver }) {
  const editor = useEditor();
  const { t, boot: { branch } } = editor;
  const { way } = dialog;
  const [choose, setChoose] = useState(dialog.choose || {});
  const [look, setLook] = useState(null);
  const [state, setState] = useState({ busy: false, error: '', done: null });
  const failed = (error) => setState({ busy: false, error: error.answer?.message || error.message || t('not_reached'), done: null });
  const read = async (decided) => {
    try {
      await saver.now();
      if (saver.dirty) throw new Error(t('br_unsaved'));
      setLook(await call('POST', branch.urls.look, { way, choose: decided }));
    } catch (error) {
      failed(error);
    }
  };
  useEffect(() => { read(choose); }, [choose]);
  const merge = async () => {
    setState({ busy: true, error: '', done: null });
    try {
      const answer = await call('POST', branch.urls.merge, { way, choose, revs: look.revs });
      if (way === 'update') location.reload();
      else setState({ busy: false, error: '', done: answer });
    } catch (error) {
      failed(error);
      if (error.status === 409) read(choose);
    }
  };
  if (state.done) return <Done url={state.done.url} />;
  const may = way === 'update' || branch.may_merge;
  const ready = look && !state.busy && !look.open.length && may;
  const show = () => {
    editor.open(null);
    editor.compareWith(look.before, t('br_before_merge'), look.after);
    editor.set({ afterwards: { name: 'merge', way, choose } });
  };
  return (
    <Dialog title={t(`br_${way}`)} wide actions={<>
      {look && <button type="button" className="btn" onClick={show}>{t('br_on_canvas')}</button>}
      <button type="button" className="btn" onClick={editor.close}>{t('cancel')}</button>
      {may && <button type="button" className="btn primary" disabled={!ready} onClick={merge}>{t(state.busy ? 'br_busy' : `br_do_${way}`)}</button>}
    </>}>
      <p>{t(`br_${way}_help`, { flow: branch.flow.title })}</p>
      {!may && <p className="row-hint">{t('br_only_look')}</p>}
      {state.error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{state.error} <button type="button" className="link" onClick={() => { setState({ busy: false, error: '', done: null }); read(choose); }}>{t('try_again')}</button></p>}
      {!look && !state.error && <p className="row-hint" role="status">{t('loading')}</p>}
      {look && <>
        {look.conflicts.length > 0 && <Conflicts way={way} look={look} choose={choose} setChoose={setChoose} />}
        <section>
          <h3>{t(`br_changes_${way}`)}</h3>
          {look.changes.length ? <ChangeList changes={look.changes} /> : !look.stories && <p className="none">{t('br_no_changes')}</p>}
          {look.stories && <p className="row-hint">{t('br_stories')}</p>}
        </section>
        <section>
          {look.findings.length === 0 && <p className="row-hint good"><Icon name="check" size={16} />{t('br_brought_none')}</p>}
          {look.findings.length > 0 && <><h3>{t('br_brought', { n: look.findings.length })}</h3><ul className="findings">{look.findings.map((one) => <li key={`${one.mark}${one.message}`} className={`finding ${one.level}`}><span className="finding-words"><Icon name="alert" size={18} /><span>{one.message}</span></span></li>)}</ul></>}
        </section>
      </>}
    </Dialog>
  );
}

/** Side by side what either made of it: the main flow stands left, whatever is merged into what. */
function Conflicts({ way, look, choose, setChoose }) {
  const { t } = useEditor();
  const [main, branch] = way === 'into' ? ['ours', 'theirs'] : ['theirs', 'ours'];
  const all = (side) => setChoose({ ...choose, ...Object.fromEntries(look.conflicts.map((one) => [one.path, side])) });
  return (
    <section className="conflicts">
      <h3>{look.open.length ? t('br_conflicts', { n: look.open.length }) : t('br_decided')}</h3>
      {look.conflicts.length > 2 && <p><button type="button" className="link" onClick={() => all(main)}>{t('br_all_main')}</button> <button type="button" className="link" onClick={() => all(branch)}>{t('br_all_branch')}</button></p>}
      <ul>{look.conflicts.map((one) => {
        const sides = [[main, t('br_side_main'), one[main]], [branch, t('br_side_branch'), one[branch]], ...(one.chain ? [['both', t('br_side_both'), t(way === 'into' ? 'br_both_main' : 'br_both_branch')]] : [])];
        return (
          <li key={one.path}>
            <fieldset>
              <legend>{one.title}{look.open.includes(one.path) && <Icon name="alert" size={16} />}</legend>
              <p className="row-hint">{t('br_was', { words: one.base })}</p>
              <div className="sides">{sides.map(([value, who, words]) => (
                <label key={value} className={choose[one.path] === value ? 'picked' : ''}>
                  <input type="radio" name={one.path} checked={choose[one.path] === value} onChange={() => setChoose({ ...choose, [one.path]: value })} />
                  <span><b>{who}</b>{words}</span>
                </label>))}
              </div>
            </fieldset>
          </li>);
      })}</ul>
    </section>
  );
}

function Done({ url }) {
  const editor = useEditor();
  const { t, boot: { branch } } = editor;
  return (
    <Dialog title={t('br_done')} actions={<><a className="btn" href={branch.urls.list}>{t('br_all')}</a><a className="btn primary" href={url}>{t('br_done_go')}</a></>}>
      <p className="big-good"><Icon name="check" size={24} />{t('br_done_words', { flow: branch.flow.title })}</p>
      <p>{t('br_done_next')}</p>
    </Dialog>
  );
}
