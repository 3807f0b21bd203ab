// How a scenario begins: the way in, the moment, with whom, and what is filled in.
import { useId } from 'react';
import { Select } from '../../designer/panel/inputs.jsx';
import { useEditor } from '../../designer/use.js';
import { Fields } from './Fields.jsx';
import { instant, local } from './time.js';
import { usePlayed, usePlayer } from './use.js';

export function Start() {
  const editor = useEditor();
  const player = usePlayer();
  const { t, boot } = editor;
  const { draft, stage, file, busy } = usePlayed();
  const [when, who, level] = [useId(), useId(), useId()];
  const triggers = editor.content.nodes.filter((node) => editor.kindOf(node.id)?.group === 'trigger');
  const put = (changes, how) => player.change({ ...draft, ...changes }, how);
  const real = draft.org === 'company';
  const people = (value) => {
    const { org: _, ...rest } = draft;
    player.change(value === 'company' ? { ...rest, org: 'company' } : rest, { fill: true });
  };
  const wrong = (stage?.failures || []).filter((one) => one.where.startsWith('form') || one.where === 'trigger' || one.where === 'org');
  return (
    <form className="sb-start" onSubmit={(event) => { event.preventDefault(); if (!wrong.length && stage) player.set({ begun: true, count: stage.events.length }); }}>
      <div className="sb-fields">
        <div className="sb-field"><label htmlFor={who}>{t('sb_start')}</label><Select id={who} value={draft.trigger} options={triggers.map((node) => [node.id, editor.label(node.id)])} onChange={(trigger) => trigger && player.change({ ...draft, trigger, form: {} }, { fill: true })} /></div>
        <div className="sb-field"><label htmlFor={when}>{t('sb_when')}</label><input id={when} className="in" type="datetime-local" value={stage ? local(stage.start, boot.timezone) : draft.at?.slice(0, 16) || ''} onChange={(event) => event.target.value && put({ at: instant(event.target.value, boot.timezone) }, { soon: true })} /></div>
        {file?.org && <div className="sb-field"><label htmlFor={`${who}p`}>{t('sb_people')}</label><Select id={`${who}p`} value={real ? 'company' : 'sample'} options={[['sample', t('sb_sample')], ['company', t('sb_real')]]} onChange={people} /></div>}
        <div className="sb-field"><label htmlFor={level}>{t('sb_level')}</label><input id={level} className="in" value={draft.customer?.level || ''} placeholder={t('sb_level_none')} maxLength={40} onChange={(event) => put({ customer: event.target.value ? { ...draft.customer, level: event.target.value } : {} }, { soon: true })} /></div>
      </div>
      <h3>{t('sb_filled_in')}</h3>
      {stage && <Fields fields={stage.opening} answers={draft.form || {}} onChange={(form) => put({ form }, { soon: true })} />}
      {wrong.map((one, at) => <p key={at} className="sb-wrong" role="alert">{one.message}</p>)}
      <div className="sb-acts"><button type="submit" className="btn primary" disabled={busy || wrong.length > 0 || !stage}>{t('sb_go')}</button></div>
    </form>
  );
}
