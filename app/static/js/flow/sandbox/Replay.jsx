// Last month's tickets through the flow as it is drawn now: what would have gone otherwise.
import { Icon } from '../icons.jsx';
import { useEditor } from '../../designer/use.js';
import { usePlayed, usePlayer } from './use.js';

const DIFFERENT = ['path', 'person', 'status'];

export function Replay() {
  const player = usePlayer();
  const { t } = useEditor();
  const { rows, total, over } = usePlayed().replay;
  const count = (kinds) => rows.filter((row) => kinds.includes(row.what)).length;
  const shown = [...rows.filter((row) => DIFFERENT.includes(row.what)), ...rows.filter((row) => row.what === 'same' && row.left.length), ...rows.filter((row) => row.what === 'apart')];
  return (
    <div className="sb-stage sb-replay">
      <div className="sb-controls">
        {!over && <progress max={total || 1} value={rows.length} aria-label={t('sb_replay_going')} />}
        <span role="status">{total === null ? t('sb_running') : total === 0 ? t('sb_replay_none') : t('sb_replay_seen', { n: rows.length, all: total })}</span>
        {rows.length > 0 && <b>{t('sb_replay_counts', { same: count(['same']), other: count(DIFFERENT), apart: count(['apart']) })}</b>}
        <span className="top-gap" />
        {!over && <button type="button" className="btn small" onClick={() => player.endReplay()}>{t('sb_replay_stop')}</button>}
        <button type="button" className="btn small quiet" onClick={() => player.close()}>{t('close')}</button>
      </div>
      <div className="sb-replay-list">
        {over && rows.length > 0 && !count(DIFFERENT) && <p className="sb-pass"><Icon name="check" size={16} />{t('sb_replay_same')}</p>}
        {shown.length > 0 && <table>
          <thead><tr><th scope="col">{t('sb_replay_ticket')}</th><th scope="col">{t('sb_replay_what')}</th><th scope="col">{t('sb_replay_how')}</th></tr></thead>
          <tbody>{shown.map((row) => (
            <tr key={row.id}><td><a href={`/tickets/${row.id}/flow`} target="_blank" rel="noopener">#{row.no} {row.title}</a></td><td>{t(`sb_replay_is_${row.what}`)}</td><td>{row.words}{row.left.map((words) => <p key={words}>{words}</p>)}</td></tr>
          ))}</tbody>
        </table>}
      </div>
    </div>
  );
}
