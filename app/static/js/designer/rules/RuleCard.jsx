// One rule: closed a sentence, open a condition and what then happens.
import { useId } from 'react';
import { FormulaBox } from '../formula/FormulaBox.jsx';
import { Icon } from '../icons.jsx';
import { find, optionsOf } from '../model/content.js';
import { removeRule, setRule, unfinished } from '../model/rules.js';
import { Value } from '../panel/Answer.jsx';
import { Row, Select, Ticks, Words } from '../panel/inputs.jsx';
import { useEditor, useView } from '../use.js';
import { Condition } from './Condition.jsx';
import { ruleWords } from './asking.js';

export function RuleCard({ rule }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const open = useView((state) => state.ruleId === rule.id);
  const level = useView((state) => state.findings.find((finding) => finding.where?.startsWith(`rules[${(state.content.rules || []).indexOf(rule)}]`)));
  const body = useId();
  const change = (changes, key) => editor.edit(t('did_rule'), (before) => setRule(before, rule.id, changes), { key: key && `${rule.id}.${key}` });
  const words = ruleWords(editor, content, rule);
  return (
    <li className={`rule${open ? ' open' : ''}`} data-rule={rule.id}>
      <div className="rule-head">
        <button type="button" className="rule-words" aria-expanded={open} aria-controls={body} onClick={() => editor.set({ ruleId: open ? null : rule.id })}>
          <Icon name={open ? 'up' : 'down'} size={16} /><span>{words}</span>
        </button>
        <button type="button" className="tool" aria-label={t('delete_rule')} title={t('delete_rule')} onClick={() => editor.edit(t('did_delete', { what: t('rule') }), (before) => removeRule(before, rule.id))}><Icon name="trash" size={16} /></button>
      </div>
      {!open && unfinished(rule) && <p className="row-error"><Icon name="pen" size={16} />{t('rule_unfinished')}</p>}
      {level && !unfinished(rule) && <p className="row-error"><Icon name="alert" size={16} />{level.message}</p>}
      {open && (
        <div id={body} className="rule-body">
          <Condition value={rule.when} onChange={(when, key) => change({ when }, key)} />
          <Then rule={rule} change={change} />
        </div>
      )}
    </li>
  );
}

function Then({ rule, change }) {
  const { t } = useEditor();
  const put = (at, action, key) => change({ then: rule.then.map((one, index) => (index === at ? action : one)).filter(Boolean) }, key);
  return (
    <div className="then" role="group" aria-label={t('then')}>
      {rule.then.map((action, at) => (
        <div key={at} className="cond-line">
          <span className="cond-word">{at ? t('and_also') : t('then')}</span>
          <Action action={action} at={at} lone={rule.then.length === 1} put={(next, key) => put(at, next, key && `then.${at}.${key}`)} />
        </div>
      ))}
      <button type="button" className="link" onClick={() => change({ then: [...rule.then, { do: 'show', target: '' }] })}><Icon name="plus" size={16} />{t('add_action')}</button>
    </div>
  );
}

/** Fields (and sections) that an action may act on: {fields: [[id, label]…], sections}. */
function targets(editor, content, action) {
  const fits = (field) => {
    const kind = editor.kind(field.type);
    if (!kind) return false;
    if (action === 'options') return Boolean(optionsOf(content, field));
    if (action === 'set') return kind.asked && kind.stored && !kind.uploads && kind.value_type !== 'rows';
    if (action === 'require' || action === 'readonly') return kind.asked && kind.stored;
    return action === 'show' || kind.stored;
  };
  const fields = content.fields.filter(fits).map((field) => [field.id, editor.label(field.id)]);
  const sections = ['show', 'require', 'readonly'].includes(action) ? (content.sections || []).map((section) => [section.id, editor.label(section.id)]) : [];
  return { fields, sections };
}

function Action({ action, at, lone, put }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const id = useId();
  const field = find(content, action.target)?.field;
  const { fields, sections } = targets(editor, content, action.do);
  const turn = (next) => {
    const fit = targets(editor, content, next);
    const still = [...fit.fields, ...fit.sections].some(([one]) => one === action.target);
    put({ do: next, target: still ? action.target : '', ...(next === 'error' ? { message: '' } : next === 'options' ? { options: [] } : {}) });
  };
  const by = action.formula !== undefined ? 'formula' : 'value';
  return (
    <div className="clause">
      <Select className="op" label={t('what_happens')} value={action.do} options={editor.boot.catalog.actions.map((one) => [one.id, editor.say(one.choice)])} onChange={(next) => next && turn(next)} />
      <span className="pick">
        <select className="in" aria-label={t('acts_on')} value={action.target} onChange={(event) => put({ ...action, target: event.target.value, ...(action.do === 'options' ? { options: [] } : {}), ...(action.do === 'set' ? { value: undefined } : {}) })}>
          {!action.target && <option value="">{t('choose_field')}</option>}
          {sections.length > 0 && <optgroup label={t('sections')}>{sections.map(([key, words]) => <option key={key} value={key}>{words}</option>)}</optgroup>}
          <optgroup label={t('fields')}>{fields.map(([key, words]) => <option key={key} value={key}>{words}</option>)}</optgroup>
        </select>
        <Icon name="down" size={16} />
      </span>
      {!lone && <button type="button" className="tool" aria-label={t('delete_action')} onClick={() => put(undefined)}><Icon name="close" size={16} /></button>}
      {action.do === 'error' && <Row label={t('message')} htmlFor={id}><Words id={id} label={t('message')} max={500} multiline value={action.message} placeholder={t('message_how')} onChange={(message) => put({ ...action, message: message ?? '' }, 'message')} /></Row>}
      {action.do === 'options' && field && <Ticks label={t('only_these')} value={action.options} options={(optionsOf(content, field) || []).map((option) => [option.id, editor.say(option.label)])} onChange={(options) => put({ ...action, options: options || [] })} />}
      {action.do === 'set' && field && <div className="set-to">
        <Select label={t('set_how')} value={by} options={[['value', t('fixed_value')], ['formula', t('by_formula')]]} onChange={(next) => next && put({ do: 'set', target: action.target, ...(action.policy ? { policy: action.policy } : {}), ...(next === 'formula' ? { formula: '' } : {}) })} />
        {by === 'value' ? <Value id={id} field={field} value={action.value} label={t('value')} onChange={(value) => put({ ...action, value }, 'value')} /> : <FormulaBox id={id} value={action.formula} label={t('by_formula')} onChange={(formula) => put({ ...action, formula: formula ?? '' })} />}
        <Select label={t('set_when')} value={action.policy || 'always'} options={[['always', t('set_always')], ['if_empty', t('set_if_empty')]]} onChange={(policy) => put({ ...action, policy })} />
      </div>}
    </div>
  );
}
