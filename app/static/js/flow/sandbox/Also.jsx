// What can be done besides a step's own buttons, in the words of the ticket's page: hand it over, have it done, ask somebody, send it
// back; take back what was done; urge and withdraw the whole ticket.
import { useId, useState } from 'react';
import { Icon } from '../icons.jsx';
import { Select } from '../../designer/panel/inputs.jsx';
import { useEditor } from '../../designer/use.js';
import { UNITS } from './model.js';
import { usePlayed, usePlayer } from './use.js';

/** What a step may allow, in the order of the ticket's page. `to`: whom or where it names; `note`: it has to say why. */
const VERBS = [
  { id: 'add_sign', icon: 'messages-square', to: 'people', when: true },
  { id: 'delegate', icon: 'user', to: 'people' },
  { id: 'transfer', icon: 'send', to: 'people' },
  { id: 'return_to', icon: 'undo', to: 'steps', note: true },
  { id: 'cc', icon: 'copy', to: 'people' },
  { id: 'comment', icon: 'square-pen', note: true },
];

/** How long after the moment that is shown: an amount and its unit. */
export function Later({ value, onChange }) {
  const { t } = useEditor();
  const id = useId();
  return <span className="sb-later"><label htmlFor={id}>{t('sb_later')}</label><input id={id} className="in num" inputMode="numeric" value={value.amount} onChange={(event) => onChange({ ...value, amount: event.target.value.replace(/\D/g, '') })} /><Select label={t('sb_later')} value={value.unit} options={UNITS.map(([key]) => [key, t(`sb_${key}`)])} onChange={(unit) => unit && onChange({ ...value, unit })} /></span>;
}

export const lengthOf = ({ amount, unit }) => Math.min(Math.max(Number(amount) || 0, 0), 1000) * UNITS.find(([key]) => key === unit)[1];

/** What `who` may do with a task that waits. */
export function Verbs({ wait, who, name, busy, onAct }) {
  const { stage } = usePlayed();
  const people = Object.entries(stage.names).filter(([id]) => id !== who);
  const steps = wait.returns.map((way) => [way.id, way.name]);
  return VERBS.filter((verb) => wait.may.includes(verb.id)).map((verb) => <Verb key={verb.id} verb={verb} wait={wait} name={name} busy={busy} options={verb.to === 'steps' ? steps : people} onAct={onAct} />);
}

function Verb({ verb, wait, name, busy, options, onAct }) {
  const { t } = useEditor();
  const id = useId();
  const [to, setTo] = useState('');
  const [when, setWhen] = useState('before');
  const [note, setNote] = useState('');
  const words = t(`sb_do_${verb.id}`);
  const ready = (!verb.to || to) && (!verb.note || note.trim());
  return (
    <details className="sb-more"><summary><Icon name={verb.icon} size={16} />{words}</summary>
      {verb.to && <div className="sb-field"><label htmlFor={`${id}t`}>{t(verb.to === 'steps' ? 'sb_to_step' : 'sb_to_whom')}</label><Select id={`${id}t`} value={to} empty="" options={options} onChange={(chosen) => setTo(chosen || '')} /></div>}
      {verb.when && <div className="sb-field"><label htmlFor={`${id}w`}>{t('sb_sign_when')}</label><Select id={`${id}w`} value={when} options={[['before', t('sb_sign_before')], ['after', t('sb_sign_after')]]} onChange={(chosen) => chosen && setWhen(chosen)} /></div>}
      <div className="sb-field"><label htmlFor={`${id}n`}>{t(verb.id === 'return_to' ? 'sb_why_back' : 'sb_note')}{verb.note && <b aria-hidden="true"> *</b>}</label><input id={`${id}n`} className="in" value={note} maxLength={500} aria-required={verb.note || undefined} onChange={(event) => setNote(event.target.value)} /></div>
      <div className="sb-acts"><button type="button" className="btn small" disabled={busy || !ready} aria-label={t('sb_act', { who: name, what: `${words} ${wait.name}` })} onClick={() => onAct({ do: verb.id, ...(to ? { to } : {}), ...(verb.when && when !== 'before' ? { when } : {}), ...(note.trim() ? { note: note.trim() } : {}) })}>{t(`sb_go_${verb.id}`)}</button></div>
    </details>
  );
}

/** What was done and can be taken back, and what concerns the whole ticket. */
export function Whole() {
  const player = usePlayer();
  const { t } = useEditor();
  const { stage, busy } = usePlayed();
  const [wait, setWait] = useState({ amount: '0', unit: 'minutes' });
  const { urge, withdraw } = stage.also;
  if (!stage.recalls.length && !urge.length && !withdraw.length) return null;
  const does = (step) => player.act(step, lengthOf(wait));
  return (
    <section className="sb-whole" aria-label={t('sb_whole')}>
      <h3>{t('sb_whole')}</h3>
      <Later value={wait} onChange={setWait} />
      <div className="sb-acts">
        {stage.recalls.map((one) => <button key={`${one.person}:${one.node}:${one.kind}`} type="button" className="btn small" disabled={busy} onClick={() => does({ as: one.person, do: 'recall', node: one.node })}><Icon name="undo" size={16} />{t('sb_act', { who: one.name, what: t(`sb_recall_${one.kind}`, { step: one.step }) })}</button>)}
        {urge.map((one) => <button key={`u${one.id}`} type="button" className="btn small" disabled={busy} onClick={() => does({ as: one.id, do: 'urge' })}><Icon name="bell" size={16} />{t('sb_act', { who: one.name, what: t('sb_do_urge') })}</button>)}
        {withdraw.map((one) => <button key={`w${one.id}`} type="button" className="btn small" disabled={busy} onClick={() => does({ as: one.id, do: 'withdraw' })}><Icon name="undo" size={16} />{t('sb_act', { who: one.name, what: t('sb_do_withdraw') })}</button>)}
      </div>
    </section>
  );
}
