// What happened, event by event: the controls, the time line, and the log; conditions with every clause.
import { useEffect, useRef } from 'react';
import { Icon } from '../icons.jsx';
import { useEditor } from '../../designer/use.js';
import { story } from './model.js';
import { later, said } from './time.js';
import { ended } from './Wait.jsx';
import { usePlayed, usePlayer } from './use.js';

export function Controls() {
  const editor = useEditor();
  const player = usePlayer();
  const { t } = editor;
  const { stage, count, playing } = usePlayed();
  const { events } = stage;
  const at = events[Math.max(count - 1, 0)]?.t ?? stage.start;
  const shown = count >= events.length ? stage.at : at;
  const words = later(t, shown - stage.start);
  return (
    <div className="sb-controls" role="group" aria-label={t('sb_controls')}>
      <button type="button" className="tool" aria-label={t('sb_first')} title={t('sb_first')} disabled={!count} onClick={() => player.show(0)}><Icon name="first" /></button>
      <button type="button" className="tool" aria-label={t('sb_previous')} title={t('sb_previous')} disabled={!count} onClick={player.previous}><Icon name="previous" /></button>
      <button type="button" className="btn small" aria-pressed={playing} onClick={player.toggle}><Icon name={playing ? 'pause' : 'play'} size={16} />{t(playing ? 'sb_pause' : 'sb_play')}</button>
      <button type="button" className="btn small" disabled={count >= events.length} onClick={player.next}>{t('sb_next')}</button>
      <button type="button" className="btn small" disabled={count >= events.length} onClick={player.toWait}>{t('sb_to_wait')}</button>
      <input type="range" min={0} max={events.length} value={count} aria-label={t('sb_timeline')} aria-valuetext={t('sb_place', { n: count, all: events.length, at: said(editor, shown) })} onChange={(event) => player.show(Number(event.target.value))} />
      <span className="sb-clock" title={t('sb_clock')}><Icon name="clock" size={16} /><span className="vh">{t('sb_clock')}</span>{said(editor, shown)}{words && <em> +{words}</em>}</span>
    </div>
  );
}

export function Story() {
  const editor = useEditor();
  const player = usePlayer();
  const { t } = editor;
  const { stage, count } = usePlayed();
  const list = useRef(null);
  const lines = story(stage.events);
  const last = lines.filter((line) => line.shown <= count).at(-1)?.shown;
  useEffect(() => {
    const line = list.current?.querySelector('[aria-current]');
    if (line) list.current.scrollTop = line.offsetTop - list.current.offsetTop - list.current.clientHeight / 2;
  }, [last]);
  return (
    <ol className="sb-story" ref={list} aria-label={t('sb_story')}>
      {lines.map((line) => (
        <li key={line.seq} className={line.shown > count ? 'ahead' : ''} aria-current={line.shown === last ? 'step' : undefined}>
          <button type="button" onClick={() => { player.show(line.shown); if (line.node) editor.show(line.node, { panel: false }); }}>
            <time>{stage.real ? said(editor, line.t) : later(t, line.t - stage.start) || t('sb_beginning')}</time><span>{told(editor, player, line)}</span>
          </button>
          {line.checked?.map((row, at) => <Case key={at} row={row} />)}
        </li>
      ))}
    </ol>
  );
}

function Case({ row }) {
  const { t } = useEditor();
  return (
    <div className={`sb-case ${row.holds ? 'yes' : 'no'}`}>
      <b>{row.label} · {t(row.holds ? 'sb_holds' : 'sb_holds_not')}{row.clauses.length > 1 && <em> {t(row.any ? 'sb_case_any' : 'sb_case_all')}</em>}</b>
      {row.clauses.map((clause, at) => <p key={at}><Icon name={clause.ok ? 'check' : 'close'} size={14} /><span>{clause.words}<em> {t('sb_is_now', { what: clause.got })}</em></span><span className="vh">{t(clause.ok ? 'sb_holds' : 'sb_holds_not')}</span></p>)}
    </div>
  );
}

/** One event in a line. */
export function told(editor, player, event) {
  const { t } = editor;
  if (event.words) return event.words;
  const node = event.node ? editor.label(event.node) : '';
  const { delta, actor } = event;
  const who = actor.type === 'person' ? player.name(actor.id) : t(actor.type === 'customer' ? 'ev_customer' : 'ev_system');
  const kind = event.kind.replace('.', '_');
  const port = event.label || '';
  const to = { task_assigned: delta.to, owner_changed: delta.owner?.[1], message_queued: delta.to?.person, task_opened: delta.assignee, sign_planned: delta.to }[kind];
  const named = { task_returned: () => editor.label(delta.to), ticket_urged: () => delta.to.map((one) => player.name(one)).join(t('comma')) }[kind];
  const whom = named ? named() : to ? player.name(to) : t(kind === 'message_queued' ? 'ev_customer' : 'ev_nobody');
  const line = { task_opened: 'sign_asked', sign_given: `sign_${delta.action}` }[kind] || kind;
  return t(`ev_${line}`, { node, who, port, to: whom, channel: channel(editor, delta.via), status: kind === 'ticket_closed' ? ended(t, delta.status) : '' }).trim();
}

const channel = (editor, key) => editor.say((editor.boot.company?.channels || []).find((one) => one.key === key)?.name) || key;
