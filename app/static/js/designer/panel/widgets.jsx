// One component per widget name of the catalogue. No field type is named here: a type's settings say which widgets it has.
import { useId } from 'react';
import { FormulaBox } from '../formula/FormulaBox.jsx';
import { everyField, find } from '../model/content.js';
import { settingOf } from '../model/places.js';
import { relativeChoice, relativeChoices, relativeStart } from '../model/relative.js';
import { Icon } from '../icons.jsx';
import { useEditor, useView } from '../use.js';
import { Answer } from './Answer.jsx';
import { Columns } from './Columns.jsx';
import { Amount, NumberInput, Row, Select, Switch, TextInput, Ticks, Tokens, Words, useHint } from './inputs.jsx';
import { OptionsPanel } from './Options.jsx';

const pairs = (options, editor) => Object.entries(options || {}).map(([key, label]) => [key, editor.say(label)]);

/** Fields a reference may name: [["form.f_x", label]…]; `columns` adds those of sub-tables. */
export function useFieldRefs(except, prefix = 'form.') {
  const editor = useEditor();
  const content = useView((state) => state.content);
  return everyField(content).filter(({ field, parent }) => !parent && field.id !== except && editor.kind(field.type)?.stored).map(({ field }) => [`${prefix}${field.id}`, editor.say(field.label) || editor.t('unnamed')]);
}

const Text = ({ setting, ...more }) => <TextInput {...more} max={setting.max_length || 200} placeholder={setting.default || undefined} />;
const Multi = ({ setting, label, ...more }) => <Words {...more} label={label} max={setting.max_length || 200} multiline={setting.widget === 'long_words' || setting.max_length > 300} />;
const Date_ = ({ id, value, onChange }) => <input id={id} className="in" type="date" aria-describedby={useHint()} value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)} />;

function Num({ setting, ...more }) {
  const { t } = useEditor();
  return <NumberInput {...more} whole={setting.kind === 'int'} min={setting.min} max={setting.max} placeholder={setting.default === null ? (setting.required ? '' : t('any')) : String(setting.default)} />;
}

function Choice({ setting, value, onChange, id }) {
  const editor = useEditor();
  const fallback = setting.default ?? undefined;
  return <Select id={id} value={value ?? fallback} options={pairs(setting.options, editor)} empty={fallback === undefined && !setting.required ? editor.t('any') : undefined} onChange={(next) => onChange(next === fallback ? undefined : next)} />;
}

function Several({ setting, value, onChange, label }) {
  return <Ticks label={label} value={value ?? setting.default ?? []} onChange={onChange} options={pairs(setting.options, useEditor())} />;
}

function Source({ id, value, onChange }) {
  const editor = useEditor();
  const sources = (editor.boot.sources || []).map((source) => [source.key, editor.say(source.title)]);
  return <Select id={id} value={value} onChange={onChange} options={sources} empty={editor.t('please_choose')} />;
}

const FieldRef = ({ id, value, onChange, field }) => <Select id={id} value={value} onChange={onChange} options={useFieldRefs(field.id)} empty={useEditor().t('please_choose')} />;
const FieldRefs = ({ value, onChange, field, label }) => <Ticks label={label} value={value} onChange={onChange} options={useFieldRefs(field.id)} />;

/** Field → attribute of the customer. */
function CustomerPairs(props) {
  const editor = useEditor();
  return <Pairs {...props} attributes={editor.boot.catalog.refs.filter((ref) => ref.ref.startsWith('customer.')).map((ref) => [ref.ref, editor.say(ref.label)])} />;
}

/** Field → column of the chosen row, of those that its table lets forms copy. */
function RowPairs(props) {
  const editor = useEditor();
  const source = (editor.boot.sources || []).find((found) => found.key === props.field.source);
  return <Pairs {...props} attributes={(source ? source.fills : []).map((column) => [`row.${column.key}`, editor.say(column.title)])} />;
}

function Pairs({ value, onChange, field, label, attributes }) {
  const editor = useEditor();
  const { t } = editor;
  const fields = useFieldRefs(field.id, '');
  const entries = Object.entries(value || {});
  const put = (at, entry) => onChange(Object.fromEntries([...entries.slice(0, at), ...(entry ? [entry] : []), ...entries.slice(at + 1)]));
  const free = fields.filter(([id]) => !(value && id in value));
  return (
    <div className="pairs" role="group" aria-label={label}>
      {entries.map(([key, path], at) => (
        <div key={key} className="pair">
          <Select label={t('fill_from')} value={path} options={attributes} onChange={(next) => next && put(at, [key, next])} />
          <span aria-hidden="true">→</span>
          <Select label={t('fill_into')} value={key} options={fields.filter(([id]) => id === key || !(id in value))} onChange={(next) => next && put(at, [next, path])} />
          <button type="button" className="tool" aria-label={t('take_away', { what: editor.label(key) })} onClick={() => put(at, null)}>×</button>
        </div>
      ))}
      {free.length > 0 && attributes.length > 0 && <button type="button" className="link" onClick={() => onChange({ ...value, [free[0][0]]: attributes[0][0] })}>{t('add_pair')}</button>}
    </div>
  );
}

/** Where a first value comes from: a kind of source and a name. */
function Prefill({ id, value, onChange, field }) {
  const editor = useEditor();
  const { t } = editor;
  const [head, name = ''] = (value || '').split(/\.(.*)/s);
  const asked = useFieldRefs('', '');
  const known = head === 'history' ? asked : editor.boot.catalog.refs.filter((ref) => ref.ref.startsWith(`${head}.`)).map((ref) => [ref.ref.slice(head.length + 1), editor.say(ref.label)]);
  const heads = ['link', 'customer', 'history', 'ticket', 'vars'].map((key) => [key, t(`prefill_${key}`)]);
  const clean = (word) => word.toLowerCase().replace(/[^a-z0-9_]/g, '').replace(/^[^a-z]+/, '').slice(0, 40);
  const choose = (next) => {
    if (!next) return onChange(undefined);
    if (next === 'history') return onChange(`history.${field.id}`);
    const first = editor.boot.catalog.refs.find((ref) => ref.ref.startsWith(`${next}.`));
    return onChange(first ? first.ref : `${next}.${clean(name) || 'name'}`);
  };
  return (
    <div className="pair">
      <Select id={id} value={value ? head : undefined} onChange={choose} options={heads} empty={t('prefill_none')} />
      {value && (known.length
        ? <Select label={t('prefill_name')} value={name} options={known} onChange={(next) => next && onChange(`${head}.${next}`)} />
        : <TextInput label={t('prefill_name')} value={name} max={40} onChange={(next) => clean(next || '') && onChange(`${head}.${clean(next)}`)} />)}
    </div>
  );
}

function Group({ setting, value, onChange, field, path }) {
  const on = value !== undefined && value !== null;
  const keys = setting.keys.filter((key) => key.label);
  const editor = useEditor();
  const begins = editor.kind(field.type)?.begins[setting.key];
  const start = () => onChange({ ...Object.fromEntries(keys.filter((key) => key.required || (key.default !== null && key.default !== '')).map((key) => [key.key, key.default])), ...begins });
  const label = editor.say(setting.label);
  const id = useId();
  return (
    <div className="group">
      {setting.required ? <p className="group-name">{label}</p> : <Switch id={id} value={on} label={label} onChange={(next) => (next ? start() : onChange(undefined))} />}
      {on && setting.hint && <p className="row-hint">{editor.say(setting.hint)}</p>}
      {on && keys.map((key) => (
        <Setting key={key.key} setting={key} value={value[key.key]} field={field} path={`${path}.${key.key}`} onChange={(next) => {
          const { [key.key]: _, ...rest } = value;
          onChange(next === undefined ? rest : { ...rest, [key.key]: next });
        }} />
      ))}
    </div>
  );
}

/** A day, or one that moves with today: 「今天之后 3 天」. */
function Bound({ id, value, onChange, label, field }) {
  const editor = useEditor();
  const { t } = editor;
  const timed = editor.kind(field.type)?.value_type === 'time';
  const mode = value === undefined || value === null ? 'none' : typeof value === 'object' ? relativeChoice(value) : 'fixed';
  const turn = (next) => next !== mode && onChange(next === 'none' ? undefined : next === 'fixed' ? new Date().toISOString().slice(0, 10) : relativeStart(next));
  const relative = ['today', ...(timed ? ['now'] : [])].flatMap(relativeChoices).map((key) => [key, t(`from_${key}`)]);
  return (
    <div className="pair">
      <Select id={id} value={mode} options={[['none', t('any')], ...relative, ['fixed', t('fixed_day')]]} onChange={turn} />
      {mode === 'fixed' && <input className="in" type="date" aria-label={label} value={value.slice(0, 10)} onChange={(event) => event.target.value && onChange(event.target.value)} />}
      {typeof value === 'object' && value && <Amount value={value} onChange={onChange} />}
    </div>
  );
}

const Time = ({ id, value, onChange }) => <input id={id} className="in" type="time" aria-describedby={useHint()} value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)} />;

/** Roles of the company; one that is named but gone still stands there, to be taken away. */
function Roles({ value, onChange, label }) {
  const editor = useEditor();
  const { roles } = editor.boot;
  const gone = (value || []).filter((key) => !roles.some((role) => role.key === key));
  return <Ticks label={label} value={value} onChange={onChange} options={[...roles.map((role) => [role.key, editor.say(role.name)]), ...gone.map((key) => [key, key])]} />;
}

function Department({ id, value, onChange }) {
  const editor = useEditor();
  return <Select id={id} value={value || undefined} empty={editor.t('any')} options={editor.boot.departments.map((one) => [one.key, one.name])} onChange={onChange} />;
}

const WIDGETS = {
  text: Text, words: Multi, number: Num, select: Choice, multiselect: Several, source: Source, field: FieldRef, fields: FieldRefs, map: CustomerPairs, row_map: RowPairs,
  prefill: Prefill, date: Date_, time: Time, bound: Bound, long_words: Multi, roles: Roles, department: Department, formula: FormulaBox, answer: Answer, tokens: ({ setting, ...more }) => <Tokens {...more} />,
};
const WHOLE_ROW = { options: OptionsPanel, fields: Columns };
const ELSEWHERE = new Set(['option_set', 'options_from']); // drawn by the options widget: one of three
const BY_KIND = { words: 'words', int: 'number', number: 'number', text: 'text', flag: 'switch' };

/** One setting, and under it what the checks say of it; `path`: its place among those of its field. */
export function Setting({ path, ...more }) {
  const { field, setting } = more;
  const own = path || setting.key;
  const said = useView((state) => state.findings.find((finding) => finding.field === field.id && finding.level !== 'advice' && about(settingOf(finding.where), own, setting)));
  if (ELSEWHERE.has(setting.widget)) return null;
  return (
    <div className="setting" data-setting={own}>
      <Inputs {...more} path={own} nested={Boolean(path)} />
      {said && <p className={`row-error ${said.level}`}><Icon name="alert" size={16} />{said.message}</p>}
    </div>
  );
}

/** A finding stands at the innermost setting that has its own place in the panel. */
const about = (found, own, setting) => found === own || (found.startsWith(`${own}.`) && !(setting.kind === 'object' && setting.keys?.some((key) => key.label && found === `${own}.${key.key}`)));

/** Its widget, else the one its kind of value suggests. */
function Inputs({ setting, value, onChange, field, path, nested }) {
  const editor = useEditor();
  const id = useId();
  const label = editor.say(setting.label);
  const hint = setting.hint && editor.say(setting.hint);
  if (!nested && WHOLE_ROW[setting.widget]) {
    const Whole = WHOLE_ROW[setting.widget];
    return <Whole field={field} setting={setting} />;
  }
  if (setting.keys && setting.kind === 'object') return <Group setting={setting} value={value} onChange={onChange} field={field} path={path} />;
  if (setting.widget === 'switch' || setting.kind === 'flag') {
    return <Row inline hint={hint}><Switch id={id} label={label} value={value ?? setting.default} onChange={(next) => onChange(next === Boolean(setting.default) ? undefined : next)} /></Row>;
  }
  const Widget = WIDGETS[setting.widget] || WIDGETS[setting.options ? 'select' : BY_KIND[setting.kind]];
  if (!Widget) return null;
  return <Row label={label} htmlFor={id} hint={hint}><Widget id={id} setting={setting} value={value} onChange={onChange} field={field} label={label} /></Row>;
}

/** Which of the common settings a field has: a column has fewer, and nobody answers a computed one. */
export function commonFor(editor, content, field) {
  const { catalog } = editor.boot;
  const kind = editor.kind(field.type);
  const column = Boolean(find(content, field.id)?.parent);
  const answered = ['required', 'readonly', 'default', 'prefill'];
  return catalog.common.filter((setting) => (!column || catalog.column.includes(setting.key)) && (!kind || kind.asked || !answered.includes(setting.key)) && (!kind || kind.stored || setting.key !== 'sensitive')
    && !(setting.key === 'default' && (kind?.uploads || kind?.value_type === 'rows' || kind?.value_type === 'any')));
}
