// Values by the kind of what they go to: variables of the flow, fields of the form.
import { Value } from '../../designer/panel/Answer.jsx';
import { NumberInput, Select, TextInput, Tokens } from '../../designer/panel/inputs.jsx';
import { everyField, find } from '../../designer/model/content.js';
import { useEditor, useView } from '../../designer/use.js';
import { Icon } from '../icons.jsx';
import { Through, useLens } from '../lens.jsx';

/** The value of a variable, by its kind. */
export function VarValue({ id, variable, value, onChange, label }) {
  const { t } = useEditor();
  const type = variable?.type || 'text';
  if (type === 'choice') return <Select id={id} label={label} value={value ?? undefined} empty={t('please_choose')} options={(variable.values || []).map((one) => [one, one])} onChange={onChange} />;
  if (type === 'bool') return <Select id={id} label={label} value={value === undefined || value === null ? undefined : String(value)} empty={t('please_choose')} options={[['true', t('yes')], ['false', t('no')]]} onChange={(next) => onChange(next === undefined ? undefined : next === 'true')} />;
  if (type === 'number') return <NumberInput id={id} label={label} value={value ?? undefined} onChange={onChange} />;
  if (type === 'list') return <Tokens id={id} label={label} value={Array.isArray(value) ? value : undefined} onChange={onChange} />;
  if (type === 'date') return <input id={id} className="in" type="date" aria-label={label} value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)} />;
  return <TextInput id={id} label={label} value={value ?? undefined} max={2000} onChange={onChange} />;
}

export const varName = (editor, variable) => editor.say(variable.name) || variable.key;

/** {"vars.x": value}: a line for each variable that is set. */
export function Assignments({ value, onChange, label }) {
  const editor = useEditor();
  const { t } = editor;
  const vars = useView((state) => state.content.vars) || [];
  const set = value && typeof value === 'object' ? value : {};
  const put = (key, next) => onChange({ ...set, [key]: next ?? null });
  const drop = (key) => {
    const { [key]: _, ...rest } = set;
    onChange(rest);
  };
  const free = vars.filter((one) => !(`vars.${one.key}` in set));
  return (
    <div className="sets" role="group" aria-label={label}>
      {Object.keys(set).map((key) => {
        const variable = vars.find((one) => `vars.${one.key}` === key);
        const name = variable ? varName(editor, variable) : key;
        return (
          <div key={key} className="set-line">
            <span>{name}</span>
            <VarValue variable={variable} value={set[key]} label={t('value_of', { what: name })} onChange={(next) => put(key, next)} />
            <button type="button" className="tool" aria-label={t('take_away', { what: name })} onClick={() => drop(key)}><Icon name="close" size={16} /></button>
          </div>
        );
      })}
      {free.length > 0 && <Select label={t('set_which')} value={undefined} empty={t('set_add')} options={free.map((one) => [`vars.${one.key}`, varName(editor, one)])} onChange={(key) => key && put(key, vars.find((one) => `vars.${one.key}` === key).values?.[0])} />}
      {!vars.length && <p className="row-hint">{t('no_vars')} <button type="button" className="link" onClick={() => editor.set({ selection: [], panel: true, focusField: { node: null, path: 'vars' } })}>{t('to_vars')}</button></p>}
    </div>
  );
}

/** {field id: answer}: what the form opens with. */
export function Answers({ value, onChange, label }) {
  const editor = useEditor();
  const { t } = editor;
  const lens = useLens();
  const set = value && typeof value === 'object' ? value : {};
  const fields = everyField(lens.content).filter(({ field, parent }) => !parent && lens.kind(field.type)?.asked && !lens.kind(field.type).uploads && lens.kind(field.type).value_type !== 'rows');
  const free = fields.filter(({ field }) => !(field.id in set));
  const drop = (key) => {
    const { [key]: _, ...rest } = set;
    onChange(Object.keys(rest).length ? rest : undefined);
  };
  return (
    <div className="sets" role="group" aria-label={label}>
      {Object.keys(set).map((key) => (
        <div key={key} className="set-line">
          <span>{lens.label(key)}</span>
          <Through lens={lens}><Value field={find(lens.content, key)?.field} type={find(lens.content, key) ? undefined : 'text'} value={set[key] ?? undefined} label={t('value_of', { what: lens.label(key) })} onChange={(next) => onChange({ ...set, [key]: next ?? '' })} /></Through>
          <button type="button" className="tool" aria-label={t('take_away', { what: lens.label(key) })} onClick={() => drop(key)}><Icon name="close" size={16} /></button>
        </div>
      ))}
      {free.length > 0 && <Select label={t('set_which_field')} value={undefined} empty={t('set_add_field')} options={free.map(({ field }) => [field.id, lens.label(field.id)])} onChange={(key) => key && onChange({ ...set, [key]: '' })} />}
    </div>
  );
}

/** What a row beside it writes to decides what may be written. */
export function Literal({ id, value, onChange, label, row }) {
  const lens = useLens();
  const vars = useView((state) => state.content.vars) || [];
  const [root, name] = String(row?.to || '').split('.');
  if (root === 'form') return <Through lens={lens}><Value id={id} field={find(lens.content, name)?.field} type={find(lens.content, name) ? undefined : 'text'} value={value ?? undefined} label={label} onChange={onChange} /></Through>;
  return <VarValue id={id} variable={vars.find((one) => one.key === name)} value={value} label={label} onChange={onChange} />;
}

