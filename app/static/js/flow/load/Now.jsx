// Where real tickets of the published flow stand, and how long each step took lately.
import { Icon } from '../icons.jsx';
import { useEditor } from '../../designer/use.js';
import { long } from './model.js';
import { useRehearsal, useRehearsed } from './use.js';

export function Now() {
  const editor = useEditor();
  const { t } = editor;
  const rehearsal = useRehearsal();
  const { heat, error } = useRehearsed();
  if (!heat) return <div className="ld-body one">{!error && <p className="ld-quiet" role="status">{t('ld_reading')}</p>}</div>;
  const steps = Object.entries(heat.nodes).sort(([, a], [, b]) => b.waiting - a.waiting || b.cases - a.cases);
  return (
    <div className="ld-body one">
      <p className="ld-help">{t('ld_now_help', { days: heat.days })} <button type="button" className="link" onClick={() => rehearsal.fill(true)}>{t('ld_refresh')}</button></p>
      {heat.more && <p className="ld-help"><Icon name="alert" size={16} /> {t('ld_now_more')}</p>}
      {steps.length === 0 && <p className="ld-quiet">{t('ld_now_none')}</p>}
      {steps.length > 0 && <div className="ld-scroll"><table className="ld-table">
        <thead><tr><th scope="col">{t('ld_step')}</th>{['ld_waiting', 'ld_oldest', 'ld_dwell', 'ld_dwell95', 'ld_breached'].map((key) => <th key={key} scope="col" className="num">{t(key)}</th>)}</tr></thead>
        <tbody>{steps.map(([id, one]) => <Row key={id} id={id} one={one} />)}</tbody>
      </table></div>}
    </div>
  );
}

function Row({ id, one }) {
  const editor = useEditor();
  const { t } = editor;
  const name = editor.label(id);
  const gone = !editor.exists(id);
  return (
    <tr>
      <th scope="row">{gone ? name : <button type="button" className="link" title={t('ld_show', { name })} onClick={() => editor.show(id, { panel: false })}>{name}</button>}</th>
      <td className="num">{one.waiting || ''}{one.parked > 0 && <em className="bad"> {t('ld_parked', { n: one.parked })}</em>}</td>
      <td className="num">{one.waiting ? long(t, Date.now() - one.oldest) : ''}</td>
      <td className="num">{one.p50 ? long(t, one.p50) : one.cases ? t('ld_few') : ''}</td>
      <td className="num">{one.p95 ? long(t, one.p95) : ''}</td>
      <td className="num">{one.breached || ''}</td>
    </tr>
  );
}
