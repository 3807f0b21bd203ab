// Where the ticket stands: who may do what there, with the step's own fields and buttons, and what the clock will bring.
import { useEffect, useId, useState } from 'react';
import { Icon } from '../icons.jsx';
import { Select } from '../../designer/panel/inputs.jsx';
import { useEditor } from '../../designer/use.js';
import { Later, lengthOf, Verbs, Whole } from './Also.jsx';
import { Fields } from './Fields.jsx';
import { filled, given } from './model.js';
import { later, said } from './time.js';
import { usePlayed, usePlayer } from './use.js';

export function Now() {
  const editor = useEditor();
  const player = usePlayer();
  const { t } = editor;
  const { stage, draft, busy } = usePlayed();
  if (stage.status && stage.status !== 'open') return <p className="sb-over"><Icon name="check" size={18} />{t('sb_ended', { status: ended(t, stage.status) })}</p>;
  return (
    <>
      {stage.parked.map((one) => <p key={one.node} className="sb-wrong" role="alert">{editor.label(one.node)}{t('comma')}{t('sb_stuck', { why: one.words })} <button type="button" className="link" disabled={busy} onClick={() => player.act({ do: 'retry', node: one.node }, 0)}>{t('sb_retry')}</button></p>)}
      {stage.waiting.map((wait) => <Wait key={`${wait.task || wait.node}:${(draft.script || []).length}`} wait={wait} busy={busy} />)}
      <Timers />
      <Unread />
      <Whole key={(draft.script || []).length} />
    </>
  );
}

export const ended = (t, status) => (['closed', 'rejected', 'cancelled', 'withdrawn'].includes(status) ? t(`sb_status_${status}`) : t('sb_status_other'));

function Wait({ wait, busy }) {
  const editor = useEditor();
  const player = usePlayer();
  const { t } = editor;
  const ids = useId();
  const [who, setWho] = useState(wait.people[0]?.id || '');
  const [answers, setAnswers] = useState(() => filled(wait.fields, {}));
  const [note, setNote] = useState('');
  const [later, setLater] = useState({ amount: '0', unit: 'minutes' });
  useEffect(() => setAnswers((before) => filled(wait.fields, before)), [wait]);
  const customer = wait.kind === 'customer';
  const name = wait.people.find((one) => one.id === who)?.name || '';
  const happens = wait.kind === 'event';
  const act = (action) => player.act({
    ...(happens ? {} : { as: customer ? 'customer' : who }), do: action.id, node: wait.node,
    ...(wait.fields.length && Object.keys(given(wait.fields, answers)).length ? { form: given(wait.fields, answers) } : {}), ...(note ? { note } : {}),
  }, lengthOf(later));
  return (
    <section className="sb-wait" aria-label={wait.name}>
      <h3><button type="button" className="link" onClick={() => editor.show(wait.node, { panel: false })}>{wait.name}</button></h3>
      {!wait.people.length && !happens && <p className="sb-wrong">{t('sb_nobody')}</p>}
      <div className="sb-who">
        {wait.people.length > 1
          ? <><label htmlFor={`${ids}w`} className="vh">{t('sb_as')}</label><Select id={`${ids}w`} value={who} options={wait.people.map((one) => [one.id, t('sb_as_who', { who: one.name })])} onChange={(id) => id && setWho(id)} /></>
          : name && <span>{t('sb_as_who', { who: name })}</span>}
        {wait.more > 0 && <em>{t('sb_more_people', { n: wait.more })}</em>}
        <Later value={later} onChange={setLater} />
      </div>
      {wait.asks && <p className="sb-quiet">{t('sb_for_opinion', { who: wait.asks })}</p>}
      {wait.behalf && <p className="sb-quiet">{t('sb_for_colleague', { who: wait.behalf })}</p>}
      {wait.held?.length > 0 && <p className="sb-quiet">{t('sb_held', { who: wait.held.join(t('comma')) })}</p>}
      {wait.later?.length > 0 && <p className="sb-quiet">{t('sb_will_ask', { who: wait.later.join(t('comma')) })}</p>}
      {wait.fields.length > 0 && <Fields fields={wait.fields} answers={answers} onChange={setAnswers} />}
      {!customer && !happens && !wait.held?.length && <div className="sb-field"><label htmlFor={`${ids}n`}>{t('sb_note')}</label><input id={`${ids}n`} className="in" value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} /></div>}
      <div className="sb-acts">{(wait.held?.length ? [] : wait.actions).map((action, at) => <button key={action.id} type="button" className={`btn${at ? '' : ' primary'}`} disabled={busy || (!who && !customer && !happens)} aria-label={happens ? undefined : t('sb_act', { who: name || t('ev_customer'), what: action.label })} onClick={() => act(action)}>{action.label}</button>)}</div>
      {who && wait.may.length > 0 && <Verbs key={who} wait={wait} who={who} name={name} busy={busy} onAct={(step) => player.act({ as: who, node: wait.node, ...step }, lengthOf(later))} />}
    </section>
  );
}

function Timers() {
  const editor = useEditor();
  const player = usePlayer();
  const { t } = editor;
  const { stage, busy } = usePlayed();
  if (!stage.timers.length) return null;
  return (
    <section className="sb-timers">
      <h3>{t('sb_to_come')}</h3>
      <ul>{stage.timers.map((timer) => (
        <li key={timer.key}><Icon name="clock" size={16} /><span>{timer.words}<em> {said(editor, timer.due)}{timer.due - stage.at >= 60_000 && ` · ${t('sb_in', { what: later(t, timer.due - stage.at) })}`}</em></span>
          <button type="button" className="btn small" disabled={busy} onClick={() => player.waitUntil(timer.due)}>{t('sb_wait_until')}</button></li>
      ))}</ul>
    </section>
  );
}

function Unread() {
  const player = usePlayer();
  const { t } = useEditor();
  const { stage, busy } = usePlayed();
  if (!stage.unread.length) return null;
  return <div className="sb-acts">{stage.unread.map((one) => <button key={`${one.person}:${one.node}`} type="button" className="btn small" disabled={busy} onClick={() => player.act({ as: one.person, do: 'read', node: one.node }, 0)}>{t('sb_reads', { who: one.name })}</button>)}</div>;
}
