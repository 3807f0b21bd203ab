// The sandbox in the dock: scenarios on the left, what happens in the middle, what can be done now on the right.
import { useEffect, useRef, useState } from 'react';
import { Icon } from '../icons.jsx';
import { useEditor, useView } from '../../designer/use.js';
import { Facts } from './Facts.jsx';
import { hasDone } from './model.js';
import { Player } from './player.js';
import { Replay } from './Replay.jsx';
import { Save } from './Save.jsx';
import { Start } from './Start.jsx';
import { Controls, Story } from './Story.jsx';
import { morning } from './time.js';
import { PlayerContext, usePlayed, usePlayer } from './use.js';
import { Now } from './Wait.jsx';

export function Sandbox({ call }) {
  const editor = useEditor();
  editor.player ||= new Player(editor, call);
  const { player } = editor;
  const wanted = useView((state) => state.scenario);
  useEffect(() => {
    player.load().then(() => player.look());
    player.light();
    return () => player.dark();
  }, [player]);
  return <PlayerContext value={player}><Room wanted={wanted} /></PlayerContext>;
}

function Room({ wanted }) {
  const editor = useEditor();
  const player = usePlayer();
  const { t, boot } = editor;
  const { file, draft, error, busy, replay } = usePlayed();
  useEffect(() => {
    // a finding of the checks leads here: it names the scenario's place
    if (wanted === undefined || wanted === null || !file) return;
    if (player.scenarios[wanted]) player.open(wanted);
    editor.set({ scenario: null });
  }, [wanted, file]);
  return (
    <div className="sb">
      <header className="sb-head">
        <h2>{t('sandbox')}</h2>
        <button type="button" className="btn small" disabled={!file} onClick={() => player.begin(morning(boot.timezone))}><Icon name="plus" size={16} />{t('sb_new')}</button>
        <Bring />
        <RunAll />
        {boot.version && <button type="button" className="btn small" aria-pressed={Boolean(replay)} title={t('sb_replay_help')} onClick={() => player.replay()}>{t('sb_replay')}</button>}
        <span className="top-gap" />
        {busy && <span className="sb-busy" role="status">{t('sb_running')}</span>}
        <button type="button" className="tool" aria-label={t('close')} onClick={() => editor.set({ dock: null })}><Icon name="close" /></button>
      </header>
      {error && <div className="sb-error" role="alert"><Icon name="alert" size={18} /><p>{error.flow ? t('sb_broken') : error.message}</p>
        {error.flow ? <button type="button" className="btn small" onClick={() => editor.set({ dock: 'problems' })}>{t('sb_see_problems')}</button> : <button type="button" className="btn small" onClick={() => (file ? player.play() : player.load())}>{t('sb_retry')}</button>}</div>}
      {!file && !error && <p className="sb-quiet" role="status">{t('sb_loading')}</p>}
      {file && <div className={`sb-body${draft || replay ? '' : ' alone'}`}><Scenarios />{draft && !error && <Stage />}{replay && <Replay />}</div>}
    </div>
  );
}

/** A file of another flow. */
function Bring() {
  const player = usePlayer();
  const { t } = useEditor();
  const { file, busy } = usePlayed();
  const chosen = (event) => {
    const [one] = event.target.files;
    event.target.value = ''; // the same file may be chosen again
    if (one) player.bring(one);
  };
  const input = useRef(null);
  return (
    <>
      <button type="button" className="btn small" disabled={!file || busy} title={t('sb_bring_help')} onClick={() => input.current.click()}>{t('sb_bring')}</button>
      <input ref={input} type="file" accept=".json,application/json" hidden aria-label={t('sb_bring')} onChange={chosen} />
    </>
  );
}

function RunAll() {
  const player = usePlayer();
  const { t } = useEditor();
  const { file, results, cover, covering, busy } = usePlayed();
  if (!file?.scenarios.length) return null;
  const passed = results?.filter((one) => one.ok).length;
  const missed = cover ? Object.values(cover.taken).filter((count) => !count).length : 0;
  return (
    <>
      <button type="button" className="btn small" disabled={busy} onClick={() => player.runAll()}><Icon name="play" size={16} />{t('sb_run_all')}</button>
      {results && <span className={`sb-result ${passed === results.length ? 'good' : 'bad'}`} role="status"><Icon name={passed === results.length ? 'check' : 'alert'} size={16} />{t('sb_passed', { n: passed, all: results.length })}</span>}
      {cover && <button type="button" className="btn small" aria-pressed={covering} title={t('sb_covered_help')} onClick={() => player.cover()}>{t('sb_covered', { n: cover.percent })}</button>}
      {covering && <span className="sb-quiet">{missed ? t('sb_missed_n', { n: missed }) : t('sb_all_tried')}</span>}
    </>
  );
}

function Scenarios() {
  const player = usePlayer();
  const { t } = useEditor();
  const { file, open, results, said, gone } = usePlayed();
  return (
    <nav className="sb-list" aria-label={t('sb_scenarios')}>
      {!file.scenarios.length && open === null && <p className="sb-quiet">{t('sb_help')} {t('sb_none')}</p>}
      {gone && <p className="sb-said" role="status">{t('sb_deleted', { what: gone.scenario.name })} <button type="button" className="link" onClick={() => player.bringBack()}>{t('sb_back')}</button></p>}
      {said && <p className={`sb-said${said.ok ? '' : ' bad'}`} role="status">{said.words}</p>}
      <ul>
        {open === -1 && <li className="current"><span className="sb-one">{t('sb_new_name')}<em> {t('sb_unsaved')}</em></span></li>}
        {file.scenarios.map((scenario, at) => {
          const result = results?.[at];
          return (
            <li key={scenario.name} className={open === at ? 'current' : ''}>
              <button type="button" className="sb-one" aria-current={open === at} onClick={() => player.open(at)}>
                {result && <Icon name={result.ok ? 'check' : 'alert'} size={16} />}<span>{scenario.name}{result && <span className="vh">{t('comma')}{t(result.ok ? 'sb_pass' : 'sb_fail')}</span>}
                  {result && !result.ok && <em className="bad">{result.failures[0].message}</em>}</span>
              </button>
              <button type="button" className="tool" aria-label={t('sb_delete', { what: scenario.name })} title={t('sb_delete', { what: scenario.name })} onClick={() => player.drop(at)}><Icon name="trash" size={16} /></button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function Stage() {
  const player = usePlayer();
  const { t } = useEditor();
  const { stage, draft, begun, open, count, busy } = usePlayed();
  const [saving, setSaving] = useState(false);
  const now = useRef(null);
  useEffect(() => setSaving(false), [open]);
  useEffect(() => { if (now.current) now.current.scrollTop = 0; }, [stage]);
  if (!begun) return <div className="sb-stage one"><Start /></div>;
  if (!stage) return <p className="sb-quiet" role="status">{t('sb_running')}</p>;
  const failures = stage.failures.filter((one) => !one.where.startsWith('expect') || open >= 0);
  const end = count >= stage.events.length;
  return (
    <div className="sb-stage">
      <Controls />
      <div className="sb-three">
        <Story />
        <div className="sb-now" ref={now} aria-label={t('sb_now')} role="region">
          {failures.length > 0 && <ul className="sb-failures">{failures.map((one, at) => <li key={at}><Icon name="alert" size={16} />{one.message}</li>)}</ul>}
          {failures.length === 0 && open >= 0 && (draft.expect || null) && <p className="sb-pass"><Icon name="check" size={16} />{t('sb_pass')}</p>}
          {saving ? <Save onDone={() => setSaving(false)} /> : <>
            <div className="sb-acts first">
              <button type="button" className="btn small" disabled={busy} onClick={() => setSaving(true)}>{t(open >= 0 ? 'sb_save_changes' : 'sb_save')}</button>
              <button type="button" className="btn small" disabled={busy || !hasDone(draft)} onClick={() => player.undo()}><Icon name="undo" size={16} />{t('sb_undo')}</button>
              <button type="button" className="btn small quiet" onClick={() => player.set({ begun: false })}>{t('sb_change_start')}</button>
            </div>
            {end ? <Now /> : <button type="button" className="btn small" onClick={() => player.show(stage.events.length)}>{t('sb_end')}</button>}
          </>}
        </div>
        <div className="sb-facts"><Facts /></div>
      </div>
    </div>
  );
}
