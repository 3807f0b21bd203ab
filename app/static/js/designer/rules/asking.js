// What a condition may ask, with which comparisons, in the words of the form.
import { refLabel } from '../formula/pieces.js';
import { everyField, find, named, optionsOf, valueType } from '../model/content.js';
import { clausesOf, groupKind, isClause } from '../model/rules.js';

/** [[group label, [[path, label]…]]…]: fields, then the customer, the ticket and the step. Inside a table: its columns. */
export function references(editor, content, table) {
  if (table) {
    const columns = (find(content, table)?.field.fields || []).filter((column) => editor.kind(column.type)?.stored);
    return [['', columns.map((column) => [`row.${column.id}`, editor.label(column.id)])]];
  }
  const { t, boot } = editor;
  const fields = everyField(content).filter(({ field, parent }) => !parent && editor.kind(field.type)?.stored)
    .flatMap(({ field }) => [`form.${field.id}`, ...editor.kind(field.type).parts.map((part) => `form.${field.id}.${part.key}`)]).map((path) => [path, refLabel(editor, content, path)]);
  const of = (head) => boot.catalog.refs.filter((ref) => ref.ref.startsWith(`${head}.`)).map((ref) => [ref.ref, editor.say(ref.label)]);
  return [[t('fields'), fields], [t('ref_customer'), of('customer')], [t('ref_vars'), of('vars')], [t('ref_ticket'), of('ticket')], [t('ref_ctx'), of('ctx')]];
}

/** {field, type, operators, label} of a path; null of one that leads nowhere. */
export function asked(editor, content, path) {
  if (!path) return null;
  const { catalog } = editor.boot;
  const found = named(content, editor.kinds, path);
  if (found) {
    const { field, column, part } = found;
    const kind = editor.kind(field.type);
    const type = part ? part.type : column ? 'list' : valueType(field, kind);
    const known = catalog.value_operators[type] || [];
    const operators = !kind ? Object.keys(catalog.operators) : part || column ? known : kind.operators.filter((op) => !known.length || known.includes(op));
    return { field: part ? null : column || field, type, operators, label: refLabel(editor, content, path) };
  }
  const ref = catalog.refs.find((one) => one.ref === path);
  if (ref) return { field: ref.field || null, type: ref.type, operators: catalog.value_operators[ref.type], label: editor.say(ref.label) };
  if (path.startsWith('vars.')) return { field: null, type: 'text', operators: catalog.value_operators.text, label: path.slice(5) };
  return null;
}

export const wants = (editor, op) => editor.boot.catalog.operators[op]?.value || 'none';

/** What stays of a clause when its reference or comparison changes. */
export function reclause(editor, content, clause, changes) {
  const next = { ...clause, ...changes };
  const about = asked(editor, content, next.ref);
  const old = asked(editor, content, clause.ref);
  if (about && !about.operators.includes(next.op)) next.op = about.operators[0];
  const keep = changes.ref === undefined && wants(editor, clause.op) === wants(editor, next.op);
  if (!keep || (old && about && old.type !== about.type)) {
    delete next.value;
    delete next.where;
  }
  if (wants(editor, next.op) === 'rows' && !next.where) next.where = { all: [{ ref: '', op: 'eq' }] };
  return next;
}

function valueWords(editor, content, value, field) {
  const { t } = editor;
  const one = (part) => {
    if (part === undefined || part === null || part === '') return '…';
    if (typeof part === 'boolean') return t(part ? 'yes' : 'no');
    if (typeof part === 'object') {
      if ('ref' in part) return asked(editor, content, part.ref)?.label || '…';
      if ('rel' in part) return relativeWords(t, part.days || 0);
      return t('a_formula');
    }
    const option = field && (optionsOf(content, field) || []).find((known) => known.id === part);
    return option ? editor.say(option.label) : String(part);
  };
  return Array.isArray(value) ? value.map(one).join(t('comma')) || '…' : one(value);
}

export const relativeWords = (t, days) => (Number(days) === 0 ? t('today') : Number(days) > 0 ? t('days_after', { n: days }) : t('days_before', { n: -days }));

function clauseWords(editor, content, clause) {
  const about = asked(editor, content, clause.ref);
  const name = about?.label || editor.t('something');
  const operator = editor.boot.catalog.operators[clause.op];
  const verb = operator ? editor.say(operator.label) : '…';
  const kind = operator?.value || 'none';
  if (kind === 'none') return `${name} ${verb}`;
  if (kind === 'rows') return `${name} ${verb} ${editor.t('bracket', { what: conditionWords(editor, content, clause.where) })}`;
  return `${name} ${verb} ${valueWords(editor, content, clause.value, about?.field)}`;
}

/** A condition as a sentence: 「投诉类型 等于 菜品 且 …」. */
export function conditionWords(editor, content, part) {
  if (!part || !clausesOf(part).length) return '…';
  if (isClause(part)) return clauseWords(editor, content, part);
  const kind = groupKind(part);
  if (kind === 'not') return editor.t('not_so', { what: conditionWords(editor, content, part.not) });
  return part[kind].map((inner) => (isClause(inner) ? clauseWords(editor, content, inner) : editor.t('bracket', { what: conditionWords(editor, content, inner) }))).join(` ${editor.t(kind === 'all' ? 'and' : 'or')} `);
}

export function actionWords(editor, content, action) {
  const { t } = editor;
  const name = editor.boot.catalog.actions.find((one) => one.id === action.do);
  const verb = name ? editor.say(name.label) : action.do;
  const target = action.target ? t('quoted', { what: editor.label(action.target) }) : '…';
  if (action.do === 'set') return t('set_to', { target, value: action.formula !== undefined ? t('a_formula') : valueWords(editor, content, action.value, find(content, action.target)?.field) });
  if (action.do === 'options') return t('only_options', { target, value: valueWords(editor, content, action.options || [], find(content, action.target)?.field) });
  if (action.do === 'error') return `${verb} ${t('quoted', { what: editor.say(action.message) || '…' })}`;
  return t(action.do === 'show' ? 'does_to' : 'made_so', { verb, target });
}

export const ruleWords = (editor, content, rule) =>
  editor.t('when_then', { when: conditionWords(editor, content, rule.when), then: rule.then.map((action) => actionWords(editor, content, action)).join(editor.t('comma')) });
