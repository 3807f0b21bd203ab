// A value typed by a field: the default of a field, what a rule sets, what a condition compares with.
import { optionsOf, valueType } from '../model/content.js';
import { useEditor, useView } from '../use.js';
import { NumberInput, Select, TextInput, Ticks, Tokens } from './inputs.jsx';

/** `many`: a list is wanted (「是其中之一」). Without a field (customer.level) `type` says what it is. */
export function Value({ id, field, type, value, onChange, many = false, label }) {
  const editor = useEditor();
  const { t } = editor;
  const options = useView((state) => (field ? optionsOf(state.content, field) : null));
  const kind = field && editor.kind(field.type);
  const what = type || valueType(field, kind);
  const choices = options?.map((option) => [option.id, editor.say(option.label)]);
  if (choices) {
    if (many || what === 'list') return <Ticks label={label} value={value} onChange={onChange} options={choices} />;
    return <Select id={id} label={label} value={value} onChange={onChange} options={choices} empty={t('please_choose')} />;
  }
  if (what === 'bool') return <Select id={id} label={label} value={value === undefined ? undefined : String(value)} onChange={(next) => onChange(next === undefined ? undefined : next === 'true')} options={[['true', t('yes')], ['false', t('no')]]} empty={t('please_choose')} />;
  if (many) return <Tokens id={id} label={label} value={value} onChange={onChange} />;
  if (what === 'number') return <NumberInput id={id} label={label} value={value === undefined ? undefined : String(value)} onChange={onChange} />;
  if (what === 'date') return <input id={id} className="in" type="date" aria-label={label} value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)} />;
  return <TextInput id={id} label={label} value={value} max={2000} onChange={onChange} />;
}

/** The `answer` widget: the default of a field. */
export const Answer = ({ id, value, onChange, field, label }) => <Value id={id} field={field} value={value} onChange={onChange} label={label} />;
