// Rules and conditions. A condition in the editor is a group {all|any: [part…]}; a part is a clause or a group.
import { freshId, idsOf } from './ids.js';

export const isClause = (part) => Boolean(part && typeof part === 'object' && ('op' in part || 'ref' in part));
export const groupKind = (part) => ['all', 'any', 'not'].find((kind) => part && kind in part) || 'all';

/** The condition as a group: a lone clause becomes a group of one. */
export function asGroup(when) {
  if (!when || typeof when !== 'object') return { all: [] };
  return isClause(when) || 'not' in when ? { all: [when] } : when;
}

/** `part` with what stands at `path` (list of indexes) replaced; undefined removes it. */
export function replaceAt(part, path, value) {
  if (!path.length) return value;
  const kind = groupKind(part);
  if (kind === 'not') return { not: replaceAt(part.not, path.slice(1), value) };
  const [index, ...rest] = path;
  const next = rest.length ? replaceAt(part[kind][index], rest, value) : value;
  const list = part[kind].map((one, at) => (at === index ? next : one)).filter((one) => one !== undefined);
  return { [kind]: list };
}

export function addAt(part, path, value) {
  if (path.length) return replaceAt(part, path, addAt(partAt(part, path), [], value));
  const kind = groupKind(part);
  return { [kind]: [...part[kind], value] };
}

export const partAt = (part, path) => path.reduce((inner, index) => (groupKind(inner) === 'not' ? inner.not : inner[groupKind(inner)][index]), part);

export function withKind(part, path, kind) {
  const group = partAt(part, path);
  const next = { [kind]: group[groupKind(group)] };
  return path.length ? replaceAt(part, path, next) : next;
}

/** Every clause of a condition, inner ones of sub-tables included. */
export function clausesOf(part) {
  if (!part || typeof part !== 'object') return [];
  if (isClause(part)) return [part, ...(part.where ? clausesOf(part.where) : [])];
  const kind = groupKind(part);
  return kind === 'not' ? clausesOf(part.not) : (part[kind] || []).flatMap(clausesOf);
}

const asks = (ref, gone) => String(ref || '').split('.').some((word) => gone.has(word));
const inFormula = (source, gone) => (String(source || '').match(/[a-z][a-z0-9_]*/g) || []).some((word) => gone.has(word));

function withoutClauses(part, gone) {
  if (isClause(part)) {
    const { value } = part;
    if (asks(part.ref, gone) || (value && typeof value === 'object' && (asks(value.ref, gone) || inFormula(value.formula, gone)))) return undefined;
    if (!part.where) return part;
    const where = withoutClauses(part.where, gone);
    return where === undefined ? undefined : { ...part, where };
  }
  const kind = groupKind(part);
  if (kind === 'not') {
    const inner = withoutClauses(part.not, gone);
    return inner === undefined ? undefined : { not: inner };
  }
  const kept = (part[kind] || []).map((inner) => withoutClauses(inner, gone)).filter((inner) => inner !== undefined);
  return kept.length ? { [kind]: kept } : undefined;
}

/** The rule without what acts on or asks the ids in `gone`; null when nothing is left of it. */
export function withoutField(rule, gone) {
  const then = rule.then.filter((action) => !gone.has(action.target) && !inFormula(action.formula, gone));
  const when = withoutClauses(rule.when, gone);
  if (!then.length || when === undefined) return null;
  return then.length === rule.then.length && JSON.stringify(when) === JSON.stringify(rule.when) ? rule : { ...rule, when, then };
}

export function addRule(content, rule, random) {
  const id = freshId('r_', '', idsOf(content), random);
  return { content: { ...content, rules: [...(content.rules || []), { id, ...rule }] }, id };
}

export const setRule = (content, id, changes) => ({
  ...content,
  rules: content.rules.map((rule) => {
    if (rule.id !== id) return rule;
    const next = { ...rule, ...changes };
    for (const key of Object.keys(changes)) if (changes[key] === undefined) delete next[key];
    return next;
  }),
});

export const removeRule = (content, id) => ({ ...content, rules: content.rules.filter((rule) => rule.id !== id) });

export function moveRule(content, id, step) {
  const rules = [...content.rules];
  const from = rules.findIndex((rule) => rule.id === id);
  const to = from + step;
  if (from < 0 || to < 0 || to >= rules.length) return content;
  rules.splice(to, 0, ...rules.splice(from, 1));
  return { ...content, rules };
}

/** A rule that is still being written: a clause without its reference or value, an action without its target. */
export function unfinished(rule) {
  const clauses = clausesOf(rule.when);
  const open = (clause) => !clause.ref || !clause.op || (!['empty', 'not_empty', 'row_any', 'row_all'].includes(clause.op) && blank(clause.value)) || (clause.op?.startsWith('row_') && !clausesOf(clause.where).length);
  const lacking = (action) =>
    !action.target || (action.do === 'error' && blank(action.message)) || (action.do === 'options' && !action.options?.length) || (action.do === 'set' && blank(action.value) && blank(action.formula));
  return !clauses.length || clauses.some(open) || rule.then.some(lacking);
}

const blank = (value) => value === undefined || value === null || value === '' || (Array.isArray(value) && !value.some((item) => !blank(item)));
