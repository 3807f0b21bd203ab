// Where the ticket stands: who may do what there, with the step's own fields and buttons, and what the clock will bring.
import { useEffect, useId, useState } from 'react';
import { Icon } from '../icons.jsx';
import { Select } from '../../designer/panel/inputs.jsx';
import { useEditor } from '../../designer/use.js';
import { Fields } from './Fields.jsx';
import { filled, given, UNITS } from './model.js';
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
      {stage.parked.map((one) => <p key={one.node} className="sb-wrong" role="alert">{editor.label(one.node)}{t('comma')}{t('sb_stuck', { why: one.words })}</p>)}
      {stage.waiting.map((wait) => <Wait key={`${wait.task || wait.node}:${(draft.script || []).length}`} wait={wait} busy={busy} />)}
      <Timers />
      <Unread />
      {stage.status === 'open' && <button type="button" className="link" disabled={busy} onClick={() => player.act({ as: 'customer', do: 'withdraw' }, 0)}>{t('sb_customer_withdraws')}</button>}
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
  const [amount, setAmount] = useState('0');
  const [unit, setUnit] = useState('minutes');
  useEffect(() => setAnswers((before) => filled(wait.fields, before)), [wait]);
  const customer = wait.kind === 'customer';
  const name = wait.people.find((one) => one.id === who)?.name || '';
  const ms = Math.min(Math.max(Number(amount) || 0, 0), 1000) * UNITS.find(([key]) => key === unit)[1];
  const happens = wait.kind === 'event';
  const act = (action) => player.act({
    ...(happens ? {} : { as: customer ? 'customer' : who }), do: action.id, node: wait.node,
    ...(wait.fields.length && Object.keys(given(wait.fields, answers)).length ? { form: given(wait.fields, answers) } : {}), ...(note ? { note } : {}),
  }, ms);
  return (
    <section className="sb-wait" aria-label={wait.name}>
      <h3><button type="button" className="link" onClick={() => editor.show(wait.node, { panel: false })}>{wait.name}</button></h3>
      {!wait.people.length && !happens && <p className="sb-wrong">{t('sb_nobody')}</p>}
      <div className="sb-who">
        {wait.people.length > 1
          ? <><label htmlFor={`${ids}w`} className="vh">{t('sb_as')}</label><Select id={`${ids}w`} value={who} options={wait.people.map((one) => [one.id, t('sb_as_who', { who: one.name })])} onChange={(id) => id && setWho(id)} /></>
          : name && <span>{t('sb_as_who', { who: name })}</span>}
        {wait.more > 0 && <em>{t('sb_more_people', { n: wait.more })}</em>}
        <span className="sb-later"><label htmlFor={`${ids}t`}>{t('sb_later')}</label><input id={`${ids}t`} className="in num" inputMode="numeric" value={amount} onChange={(event) => setAmount(event.target.value.replace(/\D/g, ''))} /><Select label={t('sb_later')} value={unit} options={UNITS.map(([key]) => [key, t(`sb_${key}`)])} onChange={(key) => key && setUnit(key)} /></span>
      </div>
      {wait.fields.length > 0 && <Fields fields={wait.fields} answers={answers} onChange={setAnswers} />}
      {!customer && !happens && <div className="sb-field"><label htmlFor={`${ids}n`}>{t('sb_note')}</label><input id={`${ids}n`} className="in" value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} /></div>}
      <div className="sb-acts">{wait.actions.map((action, at) => <button key={action.id} type="button" className={`btn${at ? '' : ' primary'}`} disabled={busy || (!who && !customer && !happens)} aria-label={happens ? undefined : t('sb_act', { who: name || t('ev_customer'), what: action.label })} onClick={() => act(action)}>{action.label}</button>)}</div>
      {wait.may.includes('transfer') && who && <Transfer wait={wait} from={who} busy={busy} onChoose={(to) => player.act({ as: who, do: 'transfer', node: wait.node, to, ...(note ? { note } : {}) }, ms)} />}
    </section>
  );
}

function Transfer({ wait, from, busy, onChoose }) {
  const { t } = useEditor();
  const { stage } = usePlayed();
  const [to, setTo] = useState('');
  const others = Object.entries(stage.names).filter(([id]) => id !== from);
  return (
    <details className="sb-more"><summary>{t('sb_transfer')}</summary>
      <div className="sb-acts"><Select label={t('sb_transfer_to')} value={to} empty="" options={others} onChange={(id) => setTo(id || '')} /><button type="button" className="btn small" disabled={busy || !to} aria-label={`${t('sb_transfer')} ${wait.name}`} onClick={() => onChoose(to)}>{t('sb_transfer')}</button></div>
    </details>
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
