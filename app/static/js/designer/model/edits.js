// Changes to a definition: every function takes one and gives the next, sharing what stays the same.
// A place is {card: section id or "", table: sub-table id or null, before: id or null (the end)}.
import { everyField, find } from './content.js';
import { freshId, idsOf } from './ids.js';
import { withoutField } from './rules.js';

const COLUMN_LOSES = ['section', 'readonly', 'prefill', 'active', 'sensitive'];

const tidy = (content) => {
  const known = new Set((content.fields || []).map((field) => field.id));
  const span = content.layout?.desktop?.span;
  if (!span || Object.keys(span).every((id) => known.has(id))) return content;
  const kept = Object.fromEntries(Object.entries(span).filter(([id]) => known.has(id)));
  return { ...content, layout: { ...content.layout, desktop: { ...content.layout.desktop, span: kept } } };
};

function put(content, fields, place) {
  if (place.table) {
    const columns = fields.map((field) =>
      COLUMN_LOSES.some((key) => key in field) ? Object.fromEntries(Object.entries(field).filter(([key]) => !COLUMN_LOSES.includes(key))) : field,
    );
    return {
      ...content,
      fields: content.fields.map((field) => (field.id === place.table ? { ...field, fields: inserted(field.fields || [], columns, place.before) } : field)),
    };
  }
  const placed = fields.map((field) => {
    if ((field.section || '') === place.card) return field;
    const { section, ...rest } = field;
    return place.card ? { ...rest, section: place.card } : rest;
  });
  const list = content.fields || [];
  if (place.before) return { ...content, fields: inserted(list, placed, place.before) };
  const last = list.findLastIndex((field) => (field.section || '') === place.card);
  const index = last < 0 ? list.length : last + 1;
  return { ...content, fields: [...list.slice(0, index), ...placed, ...list.slice(index)] };
}

function inserted(list, items, before) {
  const index = before ? list.findIndex((item) => item.id === before) : -1;
  return index < 0 ? [...list, ...items] : [...list.slice(0, index), ...items, ...list.slice(index)];
}

/** A new field of a type (its catalogue entry), complete from the start. Labels in the form's main language only: an example
    in another one would stay behind when the first is written over. */
export function newField(content, kind, label, random) {
  const taken = idsOf(content);
  const main = content.locales?.[0] || content.locale || 'zh-CN';
  const names = new Map();
  const made = (part) => {
    if (Array.isArray(part)) return part.map(made);
    if (!part || typeof part !== 'object') return part;
    if (part.label && typeof part.label === 'object') part = { ...part, label: part.label[main] || Object.values(part.label)[0] };
    if (part.id && !names.has(part.id)) names.set(part.id, freshId(part.id.slice(0, 2), part.type || '', taken, random));
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, key === 'id' ? names.get(inner) : made(inner)]));
  };
  return { id: freshId('f_', kind.type, taken, random), type: kind.type, label, ...made(kind.starter || {}) };
}

export const insertFields = (content, fields, place) => put(content, fields, place);

/** Move fields or columns, keeping their order, to a place; a sub-table does not go into a table. */
export function moveFields(content, ids, place, mayBeColumn) {
  const moving = everyField(content).filter((entry) => ids.includes(entry.field.id)).map((entry) => entry.field);
  const fit = moving.filter((field) => (place.table ? field.id !== place.table && mayBeColumn(field.type) : true));
  if (!fit.length) return content;
  const gone = new Set(fit.map((field) => field.id));
  const before = place.before && gone.has(place.before) ? follower(content, place, gone) : place.before;
  const next = put(take(content, gone), fit, { ...place, before });
  return tidy(same(content, next) ? content : following(next, fit.map((field) => [field.id, find(content, field.id).parent?.id, place.table])));
}

/** What a reference to a field or column is called from a place: inside its own table a row's, else the form's. */
const pathFrom = (scope, id, table) => (table ? (scope === table ? `row.${id}` : `form.${table}.${id}`) : `form.${id}`);

/** Formulas and conditions follow fields that went into a table or out of one. `moves`: [id, table before, table now]. */
function following(content, moves) {
  const crossed = moves.filter(([, from, to]) => (from || null) !== (to || null));
  if (!crossed.length) return content;
  const follow = (part, names) => {
    if (typeof part === 'string') return names.get(part) || part.replace(/\{\{\s*([a-z0-9_.]+)\s*\}\}/g, (whole, path) => (names.has(path) ? `{{${names.get(path)}}}` : whole));
    if (!part || typeof part !== 'object') return part;
    const next = Object.entries(part).map(([key, inner]) => [key, follow(inner, names)]);
    if (next.every(([key, inner]) => inner === part[key])) return part;
    return Array.isArray(part) ? next.map(([, inner]) => inner) : Object.fromEntries(next);
  };
  const seen = (scope) => new Map(crossed.map(([id, from, to]) => [pathFrom(scope, id, from), pathFrom(scope, id, to)]));
  const everywhere = seen(null);
  const fields = content.fields.map((field) => {
    if (!field.fields) return follow(field, everywhere);
    const columns = follow(field.fields, seen(field.id));
    return columns === field.fields ? field : { ...field, fields: columns };
  });
  return { ...content, fields, ...(content.rules ? { rules: follow(content.rules, everywhere) } : {}) };
}

const take = (content, gone) => ({
  ...content,
  fields: content.fields
    .filter((field) => !gone.has(field.id))
    .map((field) => (field.fields?.some((column) => gone.has(column.id)) ? { ...field, fields: field.fields.filter((column) => !gone.has(column.id)) } : field)),
});

function follower(content, place, gone) {
  const siblings = listOf(content, place);
  const from = siblings.findIndex((field) => field.id === place.before);
  return siblings.slice(from).find((field) => !gone.has(field.id))?.id || null;
}

/** The fields of a place's card or the columns of its table, in order. */
export function listOf(content, place) {
  if (place.table) return find(content, place.table)?.field.fields || [];
  return (content.fields || []).filter((field) => (field.section || '') === place.card);
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** One step up or down among its neighbours, over the edge into the next card. */
export function nudge(content, id, step, cardIds) {
  const found = find(content, id);
  if (!found) return content;
  const place = placeOf(content, id);
  const siblings = listOf(content, place);
  const at = siblings.findIndex((field) => field.id === id);
  const to = at + step;
  if (to >= 0 && to < siblings.length) {
    const before = step < 0 ? siblings[to].id : siblings[to + 1]?.id || null;
    return moveFields(content, [id], { ...place, before }, () => true);
  }
  if (place.table) return content;
  const card = cardIds[cardIds.indexOf(place.card) + step];
  if (card === undefined) return content;
  const first = listOf(content, { card })[0];
  return moveFields(content, [id], { card, table: null, before: step > 0 ? first?.id || null : null }, () => true);
}

/** Where a field stands; `before` is the one behind it. */
export function placeOf(content, id) {
  const { field, parent } = find(content, id);
  const place = parent ? { card: parent.section || '', table: parent.id } : { card: field.section || '', table: null };
  const siblings = listOf(content, place);
  return { ...place, before: siblings[siblings.findIndex((one) => one.id === id) + 1]?.id || null };
}

/** Without these fields, and without the parts of rules that act on them or ask them. */
export function removeFields(content, ids) {
  const gone = new Set(ids.flatMap((id) => [id, ...(find(content, id)?.field.fields || []).map((column) => column.id)]));
  const rules = (content.rules || []).map((rule) => withoutField(rule, gone)).filter(Boolean);
  return tidy({ ...take(content, gone), ...(content.rules ? { rules } : {}) });
}

/** Copies with new ids behind the last of the originals: {content, ids}. */
export function duplicateFields(content, ids, random) {
  const chosen = everyField(content).filter((entry) => ids.includes(entry.field.id));
  if (!chosen.length) return { content, ids: [] };
  const taken = idsOf(content);
  const copies = chosen.map((entry) => renamed([entry.field], taken, random)[0]);
  const last = chosen[chosen.length - 1].field.id;
  return { content: put(content, copies, placeOf(content, last)), ids: copies.map((field) => field.id) };
}

/** Fields with new ids; what they say of each other follows (formulas, dependent options, filled fields). */
export function renamed(fields, taken, random) {
  const names = new Map();
  for (const field of fields.flatMap((one) => [one, ...(one.fields || [])])) names.set(field.id, freshId('f_', field.type, taken, random));
  const word = /[a-z][a-z0-9_]*/g;
  const follow = (part) => {
    if (typeof part === 'string') return part.replace(word, (id) => names.get(id) || id);
    if (Array.isArray(part)) return part.map(follow);
    if (part && typeof part === 'object') {
      return Object.fromEntries(Object.entries(part).map(([key, inner]) => [names.get(key) || key, key === 'label' || key === 'hint' ? inner : follow(inner)]));
    }
    return part;
  };
  return fields.map(follow);
}

/** Set keys of a field or column; undefined removes a key. */
export function setField(content, id, changes) {
  const edit = (field) => {
    const next = { ...field, ...changes };
    for (const key of Object.keys(changes)) if (changes[key] === undefined) delete next[key];
    return next;
  };
  return {
    ...content,
    fields: content.fields.map((field) => {
      if (field.id === id) return edit(field);
      if (field.fields?.some((column) => column.id === id)) return { ...field, fields: field.fields.map((column) => (column.id === id ? edit(column) : column)) };
      return field;
    }),
  };
}

/** Give a field another type: what both types know is kept. */
export function retype(content, id, kind, commonKeys) {
  const { field } = find(content, id);
  const fresh = newField(content, kind, field.label);
  const known = new Set([...commonKeys, 'id', 'label', 'section', ...kind.settings.map((setting) => setting.key)]);
  const kept = Object.fromEntries(Object.entries(field).filter(([key]) => known.has(key) && key !== 'default'));
  if (kept.options || kept.option_set || kept.options_from) delete fresh.options;
  const changes = { ...Object.fromEntries(Object.keys(field).map((key) => [key, undefined])), ...fresh, ...kept, type: kind.type };
  return setField(content, id, changes);
}

export function setForm(content, changes) {
  const next = { ...content, ...changes };
  for (const key of Object.keys(changes)) if (changes[key] === undefined) delete next[key];
  return next;
}

export function setDesktop(content, changes) {
  return { ...content, layout: { ...content.layout, desktop: { ...content.layout?.desktop, ...changes } } };
}

export function setSpan(content, id, columns) {
  const { [id]: _, ...rest } = content.layout?.desktop?.span || {};
  return setDesktop(content, { span: columns > 1 ? { ...rest, [id]: columns } : rest });
}

/** A new section behind another (null: at the end): {content, id}. */
export function addSection(content, title, after, random) {
  const id = freshId('s_', '', idsOf(content), random);
  const sections = [...(content.sections || [])];
  const at = after ? sections.findIndex((section) => section.id === after) : -1;
  sections.splice(at < 0 ? sections.length : at + 1, 0, { id, title });
  return { content: { ...content, sections }, id };
}

export function setSection(content, id, changes) {
  return { ...content, sections: content.sections.map((section) => (section.id === id ? setForm(section, changes) : section)) };
}

export function moveSection(content, id, step) {
  const sections = [...(content.sections || [])];
  const from = sections.findIndex((section) => section.id === id);
  const to = from + step;
  if (from < 0 || to < 0 || to >= sections.length) return content;
  sections.splice(to, 0, ...sections.splice(from, 1));
  return { ...content, sections };
}

/** The section moved in front of another (null: to the end). */
export function placeSection(content, id, before) {
  const own = content.sections.find((section) => section.id === id);
  const sections = inserted(content.sections.filter((section) => section.id !== id), [own], before);
  return id === before || sections.every((section, at) => section === content.sections[at]) ? content : { ...content, sections };
}

/** Without the section; its fields go to the card above it. Rules that show it lose that part. */
export function removeSection(content, id) {
  const sections = content.sections || [];
  const at = sections.findIndex((section) => section.id === id);
  const above = sections[at - 1]?.id || '';
  const moved = (content.fields || []).map((field) => {
    if (field.section !== id) return field;
    const { section: _, ...rest } = field;
    return above ? { ...rest, section: above } : rest;
  });
  const rules = (content.rules || []).map((rule) => withoutField(rule, new Set([id]))).filter(Boolean);
  return { ...content, sections: sections.filter((section) => section.id !== id), fields: moved, ...(content.rules ? { rules } : {}) };
}
