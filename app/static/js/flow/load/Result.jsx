// What would come of the day: sentences first, then numbers, then what was assumed.
import { Icon } from '../icons.jsx';
import { useEditor } from '../../designer/use.js';
import { compared, long, percent } from './model.js';

export function Result({ result }) {
  const { t } = useEditor();
  const { report, other } = result;
  return (
    <>
      <Sentences report={report} title={other ? t('ld_plan_a') : t('ld_result')} />
      {other && <Sentences report={other} title={t('ld_plan_b')} />}
      {other && <Compared a={report} b={other} />}
      <Steps report={report} title={other ? `${t('ld_steps')} (${t('ld_plan_a')})` : t('ld_steps')} />
      <details className="ld-assumed"><summary>{t('ld_assumed', { n: report.assumptions.length })}</summary><ul>{report.assumptions.map((line, at) => <Sentence key={at} line={line} />)}</ul></details>
    </>
  );
}

function Sentences({ report, title }) {
  return <section className="ld-sentences"><h3>{title}</h3><ul>{report.lines.map((line, at) => <Sentence key={at} line={line} first={at === 0} />)}</ul></section>;
}

function Sentence({ line, first = false }) {
  const editor = useEditor();
  const known = line.node && editor.exists(line.node);
  return <li className={first ? 'first' : ''}>{known ? <button type="button" onClick={() => editor.show(line.node, { panel: false })}>{line.text}</button> : <span>{line.text}</span>}</li>;
}

function Compared({ a, b }) {
  const { t } = useEditor();
  return (
    <section><h3>{t('ld_ab')}</h3>
      <div className="ld-scroll"><table className="ld-table">
        <thead><tr><th scope="col">{t('ld_number')}</th><th scope="col" className="num">{t('ld_plan_a')}</th><th scope="col" className="num">{t('ld_plan_b')}</th></tr></thead>
        <tbody>{compared(t, a, b).map(([words, one, two]) => <tr key={words}><th scope="row">{words}</th><td className="num">{one}</td><td className={`num${one !== two ? ' differs' : ''}`}>{two}</td></tr>)}</tbody>
      </table></div>
    </section>
  );
}

const COLUMNS = ['ld_visits', 'ld_p50', 'ld_p95', 'ld_queue', 'ld_busy', 'ld_late', 'ld_breached'];

function Steps({ report, title }) {
  const { t } = useEditor();
  return (
    <section><h3>{title}</h3>
      <div className="ld-scroll"><table className="ld-table">
        <thead><tr><th scope="col">{t('ld_step')}</th>{COLUMNS.map((key) => <th key={key} scope="col" className="num">{t(key)}</th>)}</tr></thead>
        <tbody>{report.steps.filter((step) => step.work).map((step) => <Step key={step.id} step={step} worst={step.id === report.bottleneck} />)}</tbody>
      </table></div>
    </section>
  );
}

function Step({ step, worst }) {
  const editor = useEditor();
  const { t } = editor;
  const at = new Intl.DateTimeFormat(editor.locale, { timeZone: editor.boot.timezone, hour: '2-digit', minute: '2-digit' }).format(step.peak_at);
  const range = (seen, say) => ({ title: t('ld_range', { low: say(seen.low), high: say(seen.high) }) });
  const time = (ms) => long(t, ms);
  const whole = (number) => Math.round(number);
  return (
    <tr className={worst ? 'worst' : ''}>
      <th scope="row"><button type="button" className="link" title={t('ld_show', { name: step.name })} onClick={() => editor.show(step.id, { panel: false })}>{worst && <Icon name="alert" size={14} />}{step.name}</button></th>
      <td className="num" {...range(step.visits, whole)}>{whole(step.visits.mean)}</td>
      <td className="num" {...range(step.wait50, time)}>{time(step.wait50.mean)}</td>
      <td className="num" {...range(step.wait95, time)}>{time(step.wait95.mean)}</td>
      <td className="num" {...range(step.longest, whole)}>{whole(step.longest.mean)}{step.longest.mean >= 1.5 && <em> {t('ld_at', { at })}</em>}</td>
      <td className="num" {...(step.busy ? range(step.busy, percent) : {})}>{step.busy ? percent(step.busy.mean) : ''}</td>
      <td className="num">{whole(step.late.mean) || ''}</td>
      <td className="num">{whole(step.breached.mean) || ''}</td>
    </tr>
  );
}
