// 试算: values for what the formula reads, its result, and every step on the way.
import { named, valueType } from '../model/content.js';
import { Value } from '../panel/Answer.jsx';
import { Row } from '../panel/inputs.jsx';
import { useEditor, useView } from '../use.js';
import { Chips } from './FormulaBox.jsx';
import { refLabel } from './pieces.js';

const shown = (value, t) => (value === null || value === undefined || value === '' ? t('empty_value') : typeof value === 'boolean' ? t(value ? 'yes' : 'no') : Array.isArray(value) ? value.map((one) => shown(one, t)).join(t('comma')) : typeof value === 'object' ? Object.values(value)[0] : String(value));

/** Values by path as the answers of a form and of one row; of a column each value is a row. */
export function asAnswers(values) {
  const form = {};
  const row = {};
  for (const [path, value] of Object.entries(values)) {
    const [head, id, column] = path.split('.');
    if (head === 'row') row[id] = value;
    else if (head === 'form' && column && Array.isArray(value)) form[id] = value.map((one, at) => ({ ...form[id]?.[at], [column]: one }));
    else if (head === 'form' && column) form[id] = { ...form[id], [column]: value }; // a part of one answer
    else if (head === 'form') form[id] = value;
  }
  return { values: form, row };
}

/** `values`: path → value as typed. */
const Outcome = ({ step }) => {
  const { t } = useEditor();
  return step.error ? <span className="row-error">{step.error}</span> : <span>= {shown(step.value, t)}</span>;
};

export function Trial({ verdict, values, onChange, table }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const put = (path, value) => {
    const { [path]: _, ...rest } = values;
    onChange(value === undefined ? rest : { ...rest, [path]: value });
  };
  const refs = verdict.refs || [];
  return (
    <section className="trial" aria-label={t('trial')}>
      <p className="group-name">{t('trial')}</p>
      {refs.map((path) => {
        const found = named(content, editor.kinds, path);
        const listed = Boolean(found?.column);
        const field = found?.part ? null : found?.field;
        const type = found?.part ? found.part.type : field ? valueType(field, editor.kind(field.type)) : 'text';
        const label = refLabel(editor, content, path) || path;
        return (
          <Row key={path} label={label} htmlFor={`trial-${path}`} hint={listed ? t('trial_rows') : undefined}>
            {listed ? <Value id={`trial-${path}`} label={label} type="text" many value={values[path]} onChange={(value) => put(path, value)} />
              : <Value id={`trial-${path}`} label={label} field={field} type={type} value={values[path]} onChange={(value) => put(path, value)} />}
          </Row>
        );
      })}
      {verdict.steps?.length > 0 && <ol className="steps">{verdict.steps.map((step, at) => <li key={at}><code><Chips src={step.text} /></code><Outcome step={step} /></li>)}</ol>}
      {verdict.result && <p className="trial-result"><span>{t('result')}</span><output><Outcome step={verdict.result} /></output></p>}
    </section>
  );
}
