// Name, saved state, undo and redo, the three views, problems, and what the rooms of the dock and the server add.
import { memo } from 'react';
import * as actions from '../actions.js';
import { BranchActions, ToBranches } from '../branch/Banner.jsx';
import { TalkButton } from '../comments/Comments.jsx';
import { Icon } from '../icons.jsx';
import { Saved, Standing, Travel } from '../../designer/view/TopBar.jsx';
import { useEditor, useView } from '../../designer/use.js';

const VIEWS = [['guided', 'flow'], ['free', 'free'], ['outline', 'list']];

export const TopBar = memo(function TopBar({ saver, children }) {
  const editor = useEditor();
  const { t, boot } = editor;
  const name = useView((state) => editor.say(state.content.name));
  const view = useView((state) => state.view);
  return (
    <header className="top">
      <a className="tool" href={boot.branch ? boot.branch.urls.list : boot.urls.list} aria-label={t(boot.branch ? 'br_all' : 'all_flows')} title={t(boot.branch ? 'br_all' : 'all_flows')}><Icon name="back" /></a>
      <div className="top-name"><h1>{name || t('unnamed_flow')}</h1><p className="top-state">{boot.branch ? <span className="standing">{t('br_standing')}</span> : <Standing opens="use" />}<Saved saver={saver} /></p></div>
      <Travel />
      <div className="segments views" role="group" aria-label={t('views')}>
        {VIEWS.map(([key, icon]) => <button key={key} type="button" aria-pressed={view === key} title={t(`view_${key}_help`)} onClick={() => actions.look(editor, key)}><Icon name={icon} size={16} />{t(`view_${key}`)}</button>)}
      </div>
      <span className="top-gap" />
      <Room name="sandbox" icon="play" />
      <Room name="load" icon="users" />
      <TalkButton />
      <Problems />
      {children}
      <button type="button" className="btn quiet for-desk" aria-label={t('flow_panel')} title={t('flow_panel')} onClick={() => editor.set({ selection: [], edge: null, panel: true, focusField: null })}><Icon name="gear" size={18} /></button>
      <button type="button" className="btn quiet for-keys" aria-label={t('shortcuts')} title={`${t('shortcuts')} ?`} onClick={() => editor.open({ name: 'keys' })}><Icon name="keyboard" size={18} /></button>
      <ToBranches />
      {!boot.branch && <button type="button" className="btn quiet" aria-label={t('versions')} title={t('versions')} onClick={() => editor.open({ name: 'versions' })}><Icon name="history" size={18} /></button>}
      {boot.branch && <BranchActions />}
      {boot.may_publish && <button type="button" className="btn primary" onClick={() => editor.open({ name: 'publish' })}>{t('publish')}</button>}
    </header>
  );
});

/** A room of the dock. */
function Room({ name, icon }) {
  const editor = useEditor();
  const open = useView((state) => state.dock === name);
  return <button type="button" className="btn quiet" aria-pressed={open} onClick={() => editor.set({ dock: open ? null : name })}><Icon name={icon} size={18} />{editor.t(name)}</button>;
}

function Problems() {
  const editor = useEditor();
  const { t } = editor;
  const [errors, warnings] = useView((state) => [state.findings.filter((one) => one.level === 'error').length, state.findings.filter((one) => one.level !== 'error').length]);
  const open = useView((state) => state.dock === 'problems');
  const level = errors ? 'error' : warnings ? 'warning' : '';
  const [words, n] = errors + warnings ? [t('problems'), errors + warnings] : [t('no_problems_short'), ''];
  return (
    <button type="button" className={`btn quiet problems ${level}`} aria-label={`${words} ${n}`.trim()} aria-pressed={open} onClick={() => editor.set({ dock: open ? null : 'problems' })}>
      <Icon name={level ? 'alert' : 'check'} size={18} /><span><span className="problems-word">{words} </span>{n}</span>
    </button>
  );
}
