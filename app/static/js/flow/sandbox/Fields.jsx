// Answers of a form, small: what a scenario fills in. A kind that has no input here is filled in from a sample.
import { useId } from 'react';
import { Icon } from '../icons.jsx';
import { useEditor } from '../../designer/use.js';

const TEXTS = { text: 'text', phone: 'tel', email: 'email', url: 'url', idcard: 'text', scan: 'text', hidden: 'text', date: 'date', time: 'time', datetime: 'datetime-local' };
const NUMBERS = ['number', 'money', 'rating', 'scale'];

export function Fields({ fields, answers, onChange }) {
  const { t } = useEditor();
  const shown = fields.filter((field) => field.visible || answers[field.id] !== undefined);
  if (!shown.length) return <p className="sb-quiet">{t('sb_no_fields')}</p>;
  return <div className="sb-fields">{shown.map((field) => <Field key={field.id} field={field} value={answers[field.id]} onChange={(value) => onChange(withAnswer(answers, field.id, value))} />)}</div>;
}

function withAnswer(answers, id, value) {
  const { [id]: _, ...rest } = answers;
  return value === undefined ? rest : { ...rest, [id]: value };
}

function Field({ field, value, onChange }) {
  const id = useId();
  const alone = ['switch', 'consent'].includes(field.type) || !known(field);
  return (
    <div className="sb-field">
      {!alone && <label htmlFor={id}>{field.label}{field.required && <b aria-hidden="true"> *</b>}</label>}
      <Answer id={id} field={field} value={value} onChange={onChange} />
    </div>
  );
}

const known = (field) => field.options.length > 0 || field.columns.length > 0 || field.type in TEXTS || field.type === 'textarea' || NUMBERS.includes(field.type);

function Answer({ id, field, value, onChange }) {
  const { t } = useEditor();
  const required = field.required || undefined;
  const typed = (event) => onChange(event.target.value === '' ? undefined : event.target.value);
  if (field.columns.length) return <Rows field={field} value={Array.isArray(value) ? value : []} onChange={onChange} />;
  if (field.options.length && (Array.isArray(field.sample?.value) || Array.isArray(value))) {
    const chosen = Array.isArray(value) ? value : [];
    const turn = (one) => (chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
    return <div className="ticks" role="group" aria-label={field.label}>{field.options.map((option) => <label key={option.id} className="tick"><input type="checkbox" checked={chosen.includes(option.id)} onChange={() => { const next = turn(option.id); onChange(next.length ? next : undefined); }} /><span>{option.label}</span></label>)}</div>;
  }
  if (field.options.length) {
    return (
      <span className="pick">
        <select id={id} className="in" value={value ?? ''} aria-required={required} onChange={typed}>
          <option value="" />
          {field.options.map((option) => <option key={option.id} value={option.id}>{option.label}</option>)}
        </select>
        <Icon name="down" size={16} />
      </span>
    );
  }
  if (['switch', 'consent'].includes(field.type)) return <label className="tick"><input id={id} type="checkbox" checked={Boolean(value)} onChange={(event) => onChange(event.target.checked || undefined)} /><span>{field.label}</span></label>;
  if (field.type === 'textarea') return <textarea id={id} className="in" rows={2} value={value ?? ''} aria-required={required} onChange={typed} />;
  if (NUMBERS.includes(field.type)) return <input id={id} className="in num" inputMode="decimal" value={value ?? ''} aria-required={required} onChange={typed} />;
  if (field.type in TEXTS) return <input id={id} className="in" type={TEXTS[field.type]} value={typeof value === 'string' ? value : ''} aria-required={required} onChange={typed} />;
  if (!field.sample) return <p className="sb-quiet">{field.label}</p>;
  return <label className="tick"><input id={id} type="checkbox" checked={value !== undefined} onChange={(event) => onChange(event.target.checked ? field.sample.value : undefined)} /><span>{field.label}{field.required && <b aria-hidden="true"> *</b>}<em> {t('sb_use_sample', { what: field.sample.words })}</em></span></label>;
}

function Rows({ field, value, onChange }) {
  const { t } = useEditor();
  const change = (at, row) => onChange(value.map((one, place) => (place === at ? row : one)));
  const drop = (at) => onChange(value.length > 1 ? value.filter((_, place) => place !== at) : undefined);
  const blank = () => Object.fromEntries(field.columns.filter((column) => column.sample).map((column) => [column.id, column.sample.value]));
  return (
    <div className="sb-rows" role="group" aria-label={field.label}>
      {value.map((row, at) => (
        <div key={at} className="sb-row">
          {field.columns.map((column) => <Field key={column.id} field={{ ...column, visible: true }} value={row[column.id]} onChange={(next) => change(at, withAnswer(row, column.id, next))} />)}
          <button type="button" className="tool" aria-label={t('sb_drop_row')} title={t('sb_drop_row')} onClick={() => drop(at)}><Icon name="close" size={16} /></button>
        </div>
      ))}
      <button type="button" className="link" onClick={() => onChange([...value, blank()])}><Icon name="plus" size={16} />{t('sb_add_row')}</button>
    </div>
  );
}
