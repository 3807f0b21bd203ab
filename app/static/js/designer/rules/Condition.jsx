// A condition that reads as a sentence: 当 A 等于 x 且 （B 大于 y 或 C 没有填）. Two levels of groups.
import { useId } from 'react';
import { Icon } from '../icons.jsx';
import { relativeChoice, relativeChoices, relativeStart } from '../model/relative.js';
import { Amount, NumberInput, Select } from '../panel/inputs.jsx';
import { Value } from '../panel/Answer.jsx';
import { addAt, asGroup, groupKind, isClause, partAt, replaceAt, withKind } from '../model/rules.js';
import { useEditor, useView } from '../use.js';
import { asked, conditionWords, reclause, references, wants } from './asking.js';

const DEEPEST = 2;

/** `onChange(condition, key)`: `key` names the place typed into. `table`: the sub-table whose rows are asked. */
export function Condition({ value, onChange, table = null }) {
  const group = asGroup(value);
  return <Group root={group} path={[]} onChange={onChange} table={table} />;
}

function Group({ root, path, onChange, table }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const group = partAt(root, path);
  const kind = groupKind(group);
  if (kind === 'not') {
    return <div className="cond-not"><span>{t('not_so', { what: conditionWords(editor, content, group.not) })}</span><Drop label={t('delete_condition')} onClick={() => onChange(replaceAt(root, path, undefined))} /></div>;
  }
  const parts = group[kind];
  const blank = { ref: '', op: 'eq' };
  return (
    <div className={`cond${path.length ? ' inner' : ''}`} role="group" aria-label={t(path.length ? 'inner_condition' : 'condition')}>
      {parts.map((part, at) => (
        <div key={at} className="cond-line">
          <span className="cond-word">
            {at === 0 ? (path.length || table ? t('that') : t('when')) : at === 1
              ? <Select className="joiner" label={t('joined_by')} value={kind} options={[['all', t('and')], ['any', t('or')]]} onChange={(next) => onChange(withKind(root, path, next))} />
              : t(kind === 'all' ? 'and' : 'or')}
          </span>
          {isClause(part)
            ? <Clause clause={part} table={table} at={[...path, at]} onChange={(next, key) => onChange(replaceAt(root, [...path, at], next), key)} onDrop={() => onChange(replaceAt(root, [...path, at], undefined))} />
            : <div className="cond-group"><Group root={root} path={[...path, at]} onChange={onChange} table={table} /><Drop label={t('delete_group')} onClick={() => onChange(replaceAt(root, [...path, at], undefined))} /></div>}
        </div>
      ))}
      <div className="acts">
        <button type="button" className="link" onClick={() => onChange(addAt(root, path, blank))}><Icon name="plus" size={16} />{t('add_condition')}</button>
        {path.length + 1 < DEEPEST && !table && parts.length > 0 && <button type="button" className="link" onClick={() => onChange(addAt(root, path, { [kind === 'all' ? 'any' : 'all']: [blank, blank] }))}>{t('add_group')}</button>}
      </div>
    </div>
  );
}

const Drop = ({ label, onClick }) => <button type="button" className="tool" aria-label={label} title={label} onClick={onClick}><Icon name="close" size={16} /></button>;

export function RefSelect({ id, value, onChange, groups, label, empty }) {
  const known = groups.some(([, refs]) => refs.some(([path]) => path === value));
  return (
    <span className="pick">
      <select id={id} className="in" value={known ? value : ''} aria-label={label} onChange={(event) => onChange(event.target.value)}>
        {!known && <option value="">{value || empty}</option>}
        {groups.map(([name, refs]) => refs.length > 0 && (name
          ? <optgroup key={name} label={name}>{refs.map(([path, words]) => <option key={path} value={path}>{words}</option>)}</optgroup>
          : refs.map(([path, words]) => <option key={path} value={path}>{words}</option>)))}
      </select>
      <Icon name="down" size={16} />
    </span>
  );
}

function Clause({ clause, table, at, onChange, onDrop }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const about = asked(editor, content, clause.ref);
  const operators = about?.operators || [];
  const kind = wants(editor, clause.op);
  const change = (changes, key) => onChange(reclause(editor, content, clause, changes), key);
  return (
    <div className="clause">
      <RefSelect label={t('what_is_asked')} value={clause.ref} empty={t('choose_field')} groups={references(editor, content, table)} onChange={(ref) => ref && change({ ref })} />
      {about && <Select className="op" label={t('comparison')} value={clause.op} options={operators.map((op) => [op, editor.say(editor.boot.catalog.operators[op].label)])} onChange={(op) => op && change({ op })} />}
      {about && kind === 'one' && <One clause={clause} about={about} table={table} onChange={(value) => change({ value }, `${at.join('.')}.value`)} />}
      {about && kind === 'many' && <Value field={about.field} type={about.type} many value={clause.value} label={t('value')} onChange={(value) => change({ value })} />}
      {about && kind === 'range' && [0, 1].map((index) => (
        <Value key={index} field={about.field} type={about.type} label={t(index ? 'to' : 'from')} value={clause.value?.[index] ?? undefined}
          onChange={(value) => change({ value: Object.assign([clause.value?.[0] ?? null, clause.value?.[1] ?? null], { [index]: value ?? null }) }, `${at.join('.')}.${index}`)} />
      ))}
      {about && kind === 'days' && <NumberInput whole min={0} max={36500} label={t('how_many_days')} value={clause.value} onChange={(value) => change({ value }, `${at.join('.')}.value`)} />}
      <Drop label={t('delete_condition')} onClick={onDrop} />
      {about && kind === 'rows' && <div className="cond-rows"><Condition value={clause.where} table={clause.ref.slice(5)} onChange={(where, key) => change({ where }, key)} /></div>}
    </div>
  );
}

/** One value: written here, another field's, or a day counted from today. */
function One({ clause, about, table, onChange }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const id = useId();
  const { value } = clause;
  const dated = about.type === 'date' || about.type === 'time';
  const others = references(editor, content, table).map(([name, refs]) => [name, refs.filter(([path]) => path !== clause.ref && asked(editor, content, path)?.type === about.type && !asked(editor, content, path)?.field?.options)]).filter(([, refs]) => refs.length);
  const fixed = about.field && (about.field.options || about.field.option_set || about.field.options_from);
  const mode = value && typeof value === 'object' && !Array.isArray(value) ? ('ref' in value ? 'ref' : 'rel' in value ? relativeChoice(value) : 'formula') : 'fixed';
  const modes = [['fixed', t(dated ? 'fixed_day' : 'fixed_value')], ...(dated ? relativeChoices('today').map((key) => [key, t(`from_${key}`)]) : []), ...(others.length && !fixed ? [['ref', t('other_field')]] : []), ...(mode === 'formula' ? [['formula', t('a_formula')]] : [])];
  const turn = (next) => onChange(next.startsWith('today') ? relativeStart(next) : next === 'ref' ? { ref: others[0][1][0][0] } : undefined);
  return (
    <>
      {modes.length > 1 && <Select className="mode" label={t('compared_with')} value={mode} options={modes} onChange={(next) => next && next !== mode && turn(next)} />}
      {mode === 'fixed' && <Value id={id} field={about.field} type={about.type === 'time' ? 'date' : about.type} value={value} label={t('value')} onChange={onChange} />}
      {mode === 'ref' && <RefSelect label={t('other_field')} value={value.ref} groups={others} onChange={(ref) => ref && onChange({ ref })} />}
      {value?.rel && <Amount value={value} onChange={onChange} />}
    </>
  );
}
