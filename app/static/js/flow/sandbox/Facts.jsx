// What goes out and how things stand: messages with their time and channel, values, clocks, and how other systems answer.
import { useEditor } from '../../designer/use.js';
import { Icon } from '../icons.jsx';
import { Select } from '../../designer/panel/inputs.jsx';
import { said } from './time.js';
import { usePlayed, usePlayer } from './use.js';

export function Facts() {
  const editor = useEditor();
  const player = usePlayer();
  const { t } = editor;
  const { stage, draft } = usePlayed();
  const mock = (node, port) => {
    const { [node]: _, ...rest } = draft.mocks || {};
    player.change({ ...draft, mocks: port ? { ...rest, [node]: port } : rest });
  };
  return (
    <>
      <h3>{t('sb_messages')}</h3>
      {stage.sent.length === 0 && <p className="sb-quiet">{t('sb_no_messages')}</p>}
      <ul className="sb-messages">{stage.sent.map((row, at) => <li key={at}><Icon name="send" size={16} /><span><time>{row.after}</time> {t('sb_message', { channel: row.channel, who: row.who })}</span></li>)}</ul>
      {stage.sla.map((clock) => clock.due !== null || clock.paused ? <p key={clock.node} className="sb-fact"><Icon name="alarm-clock" size={16} />{clock.paused ? t('sb_paused', { what: clock.name }) : t('sb_due', { what: clock.name, at: said(editor, clock.due) })}</p> : null)}
      {(stage.vars.length > 0 || stage.owner) && <dl className="sb-values" aria-label={t('sb_values')}>
        {stage.owner && <div><dt>{t('sb_owner')}</dt><dd>{stage.owner}</dd></div>}
        {stage.vars.map((one) => <div key={one.key}><dt>{one.name}</dt><dd>{one.value}</dd></div>)}
      </dl>}
      {stage.jobs.map((job) => <div key={job.node} className="sb-field"><span>{t('sb_asked_elsewhere', { what: job.name })}</span><Select label={t('sb_asked_elsewhere', { what: job.name })} value={typeof draft.mocks?.[job.node] === 'string' ? draft.mocks[job.node] : job.ports[0]?.id} options={job.ports.map((port) => [port.id, port.label])} onChange={(port) => mock(job.node, port)} /></div>)}
    </>
  );
}
