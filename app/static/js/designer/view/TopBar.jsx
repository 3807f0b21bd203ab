// Name, saved state, undo and redo, problems, rules, versions, phone preview, publish.
import { memo } from 'react';
import { Icon } from '../icons.jsx';
import { useEditor, useView } from '../use.js';
import { clock } from '../words.js';

export const TopBar = memo(function TopBar({ saver }) {
  const editor = useEditor();
  const { t, boot } = editor;
  const title = useView((state) => editor.say(state.content.title));
  const preview = useView((state) => state.preview);
  const dialog = useView((state) => state.dialog?.name);
  const rules = useView((state) => (state.content.rules || []).length);
  return (
    <header className="top">
      <a className="tool" href={boot.urls.list} aria-label={t('all_forms')} title={t('all_forms')}><Icon name="back" /></a>
      <div className="top-name"><h1>{title || t('unnamed_form')}</h1><p className="top-state"><Standing opens="links" /><Saved saver={saver} /></p></div>
      <Travel />
      <span className="top-gap" />
      <button type="button" className="btn quiet" aria-label={t('rules_n', { n: rules })} onClick={() => editor.open({ name: 'rules' })}><Icon name="rules" size={18} />{t('rules')}{rules > 0 && <b className="count">{rules}</b>}</button>
      <Problems pressed={dialog === 'problems'} />
      <button type="button" className="btn quiet" aria-label={t('versions')} title={t('versions')} onClick={() => editor.open({ name: 'versions' })}><Icon name="history" size={18} /></button>
      <button type="button" className="btn quiet for-keys" aria-label={t('shortcuts')} title={t('shortcuts')} onClick={() => editor.open({ name: 'keys' })}><Icon name="keyboard" size={18} /></button>
      <button type="button" className="btn" aria-pressed={preview} onClick={() => editor.set({ preview: !preview })}><Icon name="device" size={18} />{t('preview')}</button>
      {boot.may_publish && <button type="button" className="btn primary" onClick={() => editor.open({ name: 'publish' })}>{t('publish')}</button>}
    </header>
  );
});

/** Draft, published but not in use, or in use; and whether there is something to publish. `opens`: the window about its use. */
export function Standing({ opens }) {
  const editor = useEditor();
  const { t, boot } = editor;
  const used = useView((state) => state.used);
  const changed = useView((state) => state.content !== state.live);
  if (!boot.published) return <span className="standing">{t('standing_draft')}</span>;
  return (
    <>
      <button type="button" className="to-links" onClick={() => editor.open({ name: opens })}><span className={`standing ${used ? 'used' : 'waiting'}`}>{t(used ? 'standing_used' : 'standing_waiting', { n: boot.published.version })}</span></button>
      {changed && <span className="standing changed">{t('standing_changed')}</span>}
    </>
  );
}

export function Travel() {
  const editor = useEditor();
  const { t } = editor;
  useView((state) => state.steps);
  const { undoable, redoable } = editor.history;
  return (
    <div className="travel">
      <button type="button" className="tool" disabled={!undoable} aria-label={undoable ? t('undo_what', { what: undoable.label }) : t('undo')} title={undoable ? t('undo_what', { what: undoable.label }) : t('undo')} onClick={editor.undo}><Icon name="undo" /></button>
      <button type="button" className="tool" disabled={!redoable} aria-label={redoable ? t('redo_what', { what: redoable.label }) : t('redo')} title={redoable ? t('redo_what', { what: redoable.label }) : t('redo')} onClick={editor.redo}><Icon name="redo" /></button>
    </div>
  );
}

export function Saved({ saver }) {
  const editor = useEditor();
  const { t } = editor;
  const save = useView((state) => state.save);
  if (save.state === 'conflict') return <span className="saved bad" role="status">{t('save_conflict')} <button type="button" className="link" onClick={() => editor.open({ name: 'conflict', theirs: save.theirs })}>{t('see_difference')}</button></span>;
  if (save.state === 'refused') return <span className="saved bad" role="status" title={save.message}>{t('save_refused', { why: save.message })} <button type="button" className="link" onClick={() => saver.now()}>{t('try_again')}</button></span>;
  const words = save.state === 'saved' ? (save.at ? t('saved_at', { at: clock(save.at, editor.locale, editor.boot.timezone) }) : t('saved')) : t(`save_${save.state}`);
  return <span className={`saved${save.state === 'offline' ? ' bad' : ''}`} role="status">{words}</span>;
}

function Problems({ pressed }) {
  const editor = useEditor();
  const { t } = editor;
  const findings = useView((state) => state.findings);
  const errors = findings.filter((finding) => finding.level === 'error').length;
  const blank = useView((state) => state.content.fields.length === 0); // nothing is wrong with a form that nobody has begun
  const level = blank ? '' : errors ? 'error' : findings.some((finding) => finding.level === 'warning') ? 'warning' : findings.length ? 'advice' : '';
  return (
    <button type="button" className={`btn quiet problems ${level}`} aria-expanded={pressed} onClick={() => editor.set({ dialog: pressed ? null : { name: 'problems' } })}>
      <Icon name={level === 'advice' ? 'bulb' : level || blank ? 'alert' : 'check'} size={18} />{blank ? t('problems') : findings.length ? t(level === 'advice' ? 'suggestions_n' : 'problems_n', { n: findings.length }) : t('no_problems_short')}
    </button>
  );
}
