// One component per widget name of the catalogue. No node type is named here: a type's Config says which widgets it has.
import { useId } from 'react';
import { NumberInput, Row, Select, Switch, TextInput, Ticks, Tokens } from '../../designer/panel/inputs.jsx';
import { Condition as FormCondition } from '../../designer/rules/Condition.jsx';
import { asked, references } from '../../designer/rules/asking.js';
import { useEditor, useView } from '../../designer/use.js';
import { Icon } from '../icons.jsx';
import { Through, useLens } from '../lens.jsx';
import { Access } from './Access.jsx';
import { People } from './People.jsx';
import { Rows } from './Rows.jsx';
import { Table } from './Table.jsx';
import { ColumnOf, FormField, OtherField, TicketType } from './Triggers.jsx';
import { Answers, Assignments, Literal } from './Values.jsx';
import { Chips, Json, Length, Percent, Radios, Share, Texts } from './inputs.jsx';
import { applies, isWayOut, liesIn } from './refs.js';

const FEW = 3;
const FEW_LETTERS = 24;

const named = (list, editor) => list.map((one) => [one.key, editor.say(one.name)]);
const Text = ({ setting, ...more }) => <TextInput {...more} value={more.value ?? undefined} max={setting.max_length || 200} placeholder={setting.default || undefined} multiline={setting.max_length > 300} />;

function Num({ setting, value, ...more }) {
  const { t } = useEditor();
  return <NumberInput {...more} value={value ?? undefined} whole={setting.widget === 'number'} min={setting.min} max={setting.max} placeholder={setting.default === null ? (setting.required ? '' : t('no_limit')) : String(setting.default)} />;
}

function Choice({ setting, value, onChange, id, label }) {
  const editor = useEditor();
  const options = setting.options.map((one) => [one.value, editor.say(one.label)]);
  const now = value ?? setting.default ?? undefined;
  const put = (next) => onChange(next === setting.default ? undefined : next);
  const short = options.length <= FEW && options.reduce((sum, [, words]) => sum + words.length, 0) <= FEW_LETTERS;
  if (short && setting.default !== null) return <Radios id={id} label={label} value={now} options={options} onChange={put} />;
  return <Select id={id} value={now} options={options} empty={setting.default === null ? editor.t(setting.required ? 'please_choose' : 'any') : undefined} onChange={put} />;
}

/** What a message says in a place of its own, as people call it; a company's own place keeps its name. */
const told = (t, name) => (t(`told_${name}`) === `told_${name}` ? name : t(`told_${name}`));

/** A message template, with its words below. */
function Message({ setting, id, value, onChange }) {
  const editor = useEditor();
  const { t, boot } = editor;
  const all = boot.company.templates;
  const now = value ?? setting.default ?? undefined;
  const chosen = all.find((one) => one.key === now);
  return (
    <>
      <span className="pick"><select id={id} className="in" value={now ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{t(setting.required ? 'please_choose' : 'no_message')}</option>
        {now && !chosen && <option value={now}>{now}</option>}
        {['staff', 'customer'].map((to) => <optgroup key={to} label={t(`message_to_${to}`)}>{all.filter((one) => one.to === to).map((one) => <option key={one.key} value={one.key}>{editor.say(one.name)}</option>)}</optgroup>)}
      </select><Icon name="down" size={16} /></span>
      {chosen && <p className="row-hint message">{editor.say(chosen.body).replace(/\{(\w+)\}/g, (_, name) => t('told', { what: told(t, name) }))}</p>}
    </>
  );
}

const Kept = (part) => function Pick({ id, value, onChange, setting }) {
  const editor = useEditor();
  return <Select id={id} value={value ?? setting.default ?? undefined} empty={editor.t('please_choose')} options={part === 'sources' ? editor.boot.company.sources.map((one) => [one.key, editor.say(one.title)]) : named(editor.boot.company[part], editor)} onChange={onChange} />;
};

function Calendar({ id, value, onChange, setting }) {
  const editor = useEditor();
  return <Select id={id} value={value ?? setting.default ?? undefined} options={[['always', editor.t('calendar_always')], ...named(editor.boot.company.calendars, editor)]} onChange={onChange} />;
}

/** Ways out have a sender; a way in is only a word that stands on the ticket. */
function Channel({ node, setting, ...more }) {
  const editor = useEditor();
  if (editor.kindOf(node.id)?.group === 'trigger') return <TextInput {...more} value={more.value ?? undefined} max={80} placeholder={setting.default || undefined} />;
  return <Select {...more} value={more.value ?? undefined} empty={editor.t('please_choose')} options={named(editor.boot.company.channels, editor)} />;
}

/** What a setting may refer to: where it wants kinds of values, those. */
function fitting({ kinds }, lens) {
  const fits = ([path]) => !kinds || kinds.includes(asked(lens, lens.content, path)?.type);
  return references(lens, lens.content, null).map(([name, refs]) => [name, refs.filter(fits)]);
}

/** A field of the form, or something that every ticket has. */
function Reference({ id, value, onChange, setting, label }) {
  const { t } = useEditor();
  const lens = useLens();
  const customer = setting.widget === 'dedupe_key' ? [[t('ref_customer'), [['customer', t('same_customer')]]]] : [];
  const groups = [...customer, ...fitting(setting, lens)].filter(([, refs]) => refs.length);
  return <Grouped id={id} label={label} value={value} groups={groups} onChange={onChange} />;
}

function Grouped({ id, label, value, groups, onChange, empty }) {
  const { t } = useEditor();
  const known = groups.some(([, refs]) => refs.some(([path]) => path === value));
  return (
    <span className="pick"><select id={id} className="in" aria-label={label} value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
      <option value="">{empty ?? t('please_choose')}</option>
      {value && !known && <option value={value}>{value}</option>}
      {groups.map(([name, refs]) => <optgroup key={name} label={name}>{refs.map(([path, words]) => <option key={path} value={path}>{words}</option>)}</optgroup>)}
    </select><Icon name="down" size={16} /></span>
  );
}

/** Where a value goes: a variable or a field of the form. */
function Target({ id, value, onChange, setting, label }) {
  const { t } = useEditor();
  const lens = useLens();
  const groups = fitting(setting, lens).filter(([name]) => [t('fields'), t('ref_vars')].includes(name)).map(([name, refs]) => [name, refs.filter(([path]) => path.split('.').length === 2)]);
  return <Grouped id={id} label={label} value={value} groups={groups.filter(([, refs]) => refs.length)} onChange={onChange} />;
}

/** Several of one kind of thing. */
function List({ setting, value, onChange, label, node, ...more }) {
  const editor = useEditor();
  const { t } = editor;
  const lens = useLens();
  const { item } = setting;
  const now = Array.isArray(value) ? value : setting.default || [];
  const put = (next) => onChange(next && next.length ? next : setting.required ? [] : undefined);
  const ticks = (options) => <Ticks label={label} value={now} options={[...options, ...now.filter((key) => !options.some(([one]) => one === key)).map((key) => [key, String(key)])]} onChange={put} />;
  if (item.widget === 'select') return ticks(item.options.map((one) => [one.value, editor.say(one.label)]));
  if (item.widget === 'channel') return ticks(named(editor.boot.company.channels, editor));
  if (item.widget === 'step_type') return ticks(editor.boot.catalog.nodes.filter((kind) => kind.latest && kind.waits).map((kind) => [kind.type, editor.say(kind.label)]));
  if (item.widget === 'field' || item.widget === 'dedupe_key') {
    const groups = [...(item.widget === 'dedupe_key' ? [[t('ref_customer'), [['customer', t('same_customer')]]]] : []), ...fitting(item, lens)];
    const words = new Map(groups.flatMap(([, refs]) => refs));
    const free = groups.map(([name, refs]) => [name, refs.filter(([path]) => !now.includes(path))]).filter(([, refs]) => refs.length);
    return (
      <div className="tokens" role="group" aria-label={label}>
        {now.map((path) => <span key={path} className="token">{words.get(path) || path}<button type="button" aria-label={t('take_away', { what: words.get(path) || path })} onClick={() => put(now.filter((one) => one !== path))}><Icon name="close" size={14} /></button></span>)}
        <Grouped label={t('add_to', { what: label })} value={undefined} groups={free} empty={t('add_one')} onChange={(path) => path && put([...now, path])} />
      </div>
    );
  }
  return <Tokens {...more} label={label} value={now.map(String)} onChange={put} />;
}

function Condition({ value, onChange }) {
  const lens = useLens();
  return <Through lens={lens}><FormCondition value={value} onChange={onChange} /></Through>;
}

function Yes({ id, setting, value, onChange, label }) {
  const { t } = useEditor();
  if (setting.default === null) return <Row label={label} htmlFor={id}><Select id={id} value={value === undefined || value === null ? undefined : String(value)} empty={t('by_itself')} options={[['true', t('yes')], ['false', t('no')]]} onChange={(next) => onChange(next === undefined ? undefined : next === 'true')} /></Row>;
  return <Row inline><Switch id={id} label={label} value={value ?? setting.default} onChange={(next) => onChange(next === Boolean(setting.default) ? undefined : next)} /></Row>;
}

function Group({ setting, value, onChange, path, node }) {
  const editor = useEditor();
  const label = editor.say(setting.label);
  const id = useId();
  const always = setting.required || setting.keys.every((key) => !key.required); // nothing to switch on: needed, or all of it has defaults
  const on = always || (value !== undefined && value !== null);
  const start = () => onChange(Object.fromEntries(setting.keys.filter((key) => key.required).map((key) => [key.key, key.widget === 'list' ? (key.item.widget === 'dedupe_key' ? ['customer'] : []) : key.widget === 'duration' ? 'PT30M' : ''])));
  return (
    <div className="group">
      {always ? <p className="group-name">{label}</p> : <Switch id={id} value={on} label={label} onChange={(next) => (next ? start() : onChange(undefined))} />}
      {on && setting.keys.filter((key) => applies(key, value, setting.keys)).map((key) => (
        <Setting key={key.key} setting={key} node={node} value={value?.[key.key]} path={`${path}.${key.key}`} onChange={(next) => {
          const { [key.key]: _, ...rest } = value || {};
          const whole = next === undefined ? rest : { ...rest, [key.key]: next };
          onChange(Object.keys(whole).length || !always ? whole : undefined);
        }} />
      ))}
    </div>
  );
}

/** Another step of the flow. */
function Step({ id, value, onChange }) {
  const editor = useEditor();
  useView((state) => state.content);
  return <Select id={id} value={value ?? undefined} empty={editor.t('please_choose')} options={editor.layout().walked.order.map((one) => [one, editor.label(one)])} onChange={onChange} />;
}

const Time = ({ id, setting, value, onChange }) => <input id={id} className="in" type="time" value={value ?? setting.default ?? ''} onChange={(event) => onChange(event.target.value || undefined)} />;
const Local = ({ setting, ...more }) => <Texts {...more} max={setting.max_length || 200} />;

const WIDGETS = {
  text: Text, key: Text, port: Text, json_path: Text, event: Text, words: Local, template: Chips, skill: Chips, formula: Chips, number: Num, decimal: Num, percent: Percent, duration: Length, share: Share, select: Choice, message: Message,
  connector: Kept('connectors'), source: Kept('sources'), calendar: Calendar, channel: Channel, field: Reference, dedupe_key: Reference, target: Target, literal: Literal, list: List,
  node: Step, people: People, access: Access, assignments: Assignments, answers: Answers, json: Json, time: Time, form_field: FormField, ticket_type: TicketType, other_field: OtherField, column: ColumnOf,
};
const WHOLE = { rows: Rows, group: Group, table: Table, switch: Yes, condition: Condition }; // they bring their own label
const PARTS = new Set(['rows', 'group', 'table']);

/** One setting, and under it what the checks say of it. `path`: "config.to"; `row`: the settings beside it in a row. */
export function Setting({ setting, node, path, ...more }) {
  const editor = useEditor();
  const own = useView((state) => state.findings.filter((one) => one.node === node.id && one.field && (PARTS.has(setting.widget) ? one.field === path : liesIn(one.field, path))));
  const pairs = setting.widget === 'node' && editor.kindOf(node.id)?.pairs;
  if (pairs || isWayOut(editor.kindOf(node.id), path)) return null; // edits of the drawing keep these
  const said = [...new Map(own.map((one) => [one.message, one])).values()].map((one) => ({ ...one, words: one.reason ? one.reason[0].toUpperCase() + one.reason.slice(1) : one.message }));
  return (
    <div className={`setting${said.length ? ' bad' : ''}`} data-setting={path}>
      <Inputs setting={setting} node={node} path={path} {...more} />
      {setting.hint && <p className="row-hint">{editor.say(setting.hint)}</p>}
      {said.map((one) => <p key={one.message} className={`row-error ${one.level}`}><Icon name="alert" size={16} /><span>{one.words}</span></p>)}
    </div>
  );
}

function Inputs({ setting, ...more }) {
  const editor = useEditor();
  const id = useId();
  const label = editor.say(setting.label);
  const Whole = WHOLE[setting.widget];
  if (['rows', 'condition', 'table'].includes(setting.widget)) return <><p className="group-name">{label}</p><Whole {...more} id={id} label={label} setting={setting} /></>;
  if (Whole) return <Whole {...more} id={id} label={label} setting={setting} />;
  const Widget = WIDGETS[setting.widget] || (typeof more.value === 'object' && more.value ? Json : Text); // of a plugin
  return <Row label={label} htmlFor={id}><Widget {...more} id={id} label={label} setting={setting} /></Row>;
}
