// Reading a form definition (docs/forms.md). Nothing here changes one; edits.js does.

/** A text or {locale: text} in the reader's language, else in any. */
export function say(text, locale) {
  if (text === null || text === undefined) return '';
  if (typeof text !== 'object') return String(text);
  const short = locale.split('-')[0];
  return text[locale] || text[short] || text['zh-CN'] || text.zh || Object.values(text).find(Boolean) || '';
}

/** Every field and column: [{field, parent, index, path}], in the order of the file; `path` is a JSON pointer. */
export function everyField(content) {
  const out = [];
  (content.fields || []).forEach((field, index) => {
    out.push({ field, parent: null, index, path: `/fields/${index}` });
    (field.fields || []).forEach((column, at) => {
      out.push({ field: column, parent: field, index: at, path: `/fields/${index}/fields/${at}` });
    });
  });
  return out;
}

export const find = (content, id) => everyField(content).find((entry) => entry.field.id === id) || null;

/** What the path of a reference names: {field, column, part}, or null; `part`: one of those its type's values have. */
export function named(content, kinds, path) {
  const [head, id, inner] = path.split('.');
  const field = head === 'form' || head === 'row' ? find(content, id)?.field : null;
  if (!field) return null;
  const column = field.fields?.find((one) => one.id === inner) || null;
  const kind = kinds.get(field.type); // of a type that is not installed any part is believed
  const part = (kind ? kind.parts.find((one) => one.key === inner) : inner && !column && { key: inner, type: 'any', label: inner }) || null;
  return inner && !column && !part ? null : { field, column, part };
}

/** Cards of the canvas in order of display: fields outside any section come first. */
export function cards(content) {
  const known = new Set((content.sections || []).map((section) => section.id));
  const of = new Map([['', []], ...[...known].map((id) => [id, []])]);
  for (const field of content.fields || []) of.get(known.has(field.section) ? field.section : '').push(field);
  const listed = (content.sections || []).map((section) => ({ id: section.id, section, fields: of.get(section.id) }));
  const loose = of.get('');
  return loose.length || !listed.length ? [{ id: '', section: null, fields: loose }, ...listed] : listed;
}

/** Card id → number of the page that begins with it; empty for a form of one page. A first card begins page one anyway. */
export function pageStarts(listed) {
  const starts = listed.filter((card, index) => !index || card.section?.page);
  return new Map(starts.length > 1 ? starts.map((card, index) => [card.id, index + 1]) : []);
}

/** Ids as a person sees them going down the page: each card's fields, a sub-table's columns behind it. */
export function inReadingOrder(content) {
  return cards(content).flatMap(inCard);
}

const inCard = (card) => card.fields.flatMap((field) => [field.id, ...(field.fields || []).map((column) => column.id)]);

/** Where the arrow keys go, down the page: each section, then its fields. */
export function stops(content) {
  return cards(content).flatMap((card) => [...(card.id ? [card.id] : []), ...inCard(card)]);
}

/** The options a choice field may offer: its own, those of its set, or all sets it depends on. */
export function optionsOf(content, field) {
  const sets = content.option_sets || {};
  if (field.options) return field.options;
  if (field.option_set) return sets[field.option_set] || [];
  if (field.options_from) {
    const seen = new Map();
    for (const name of Object.values(field.options_from.map || {})) {
      for (const option of sets[name] || []) seen.set(option.id, option);
    }
    return [...seen.values()];
  }
  return null;
}

/** Type of a field's answer for conditions: "number", "text", "list"…; of some types a setting decides it. */
export function valueType(field, kind) {
  if (!kind) return 'any';
  const by = kind.value_types;
  if (!by) return kind.value_type;
  const chosen = field[by.key] ?? kind.settings.find((setting) => setting.key === by.key)?.default;
  return by.types[chosen] || kind.value_type;
}

/** Whether a setting means anything now: some do only while another one has a certain value. */
export const applies = (setting, field, kind) => Object.entries(setting.when || {}).every(([key, values]) => values.includes(field[key] ?? kind.settings.find((one) => one.key === key)?.default));

/** What a field takes over from its new formula: the setting that decides its type, unless a person chose otherwise.
    Of several choices of that type the one that is a field used is meant: money × number is money. `yields`: {type, refs}. */
export function following(content, kinds, field, yields) {
  const by = kinds.get(field.type)?.value_types;
  if (!by || !yields) return {};
  const used = (refs) => refs.map((path) => named(content, kinds, path)).filter(Boolean).map(({ field: of, column }) => column || of).flatMap((of) => [of.type, of[kinds.get(of.type)?.value_types?.key]]);
  const meant = (type, refs) => {
    const choices = Object.keys(by.types).filter((choice) => by.types[choice] === type);
    return choices.find((choice) => choice !== type && used(refs).includes(choice)) || choices[0];
  };
  const before = [...(field.formula || '').matchAll(/\{\{\s*([a-z0-9_.]+)\s*\}\}/g)].map((found) => found[1]);
  const now = field[by.key];
  if (now !== undefined && now !== meant(by.types[now], before) && by.types[now] === yields.type) return {};
  const next = meant(yields.type, yields.refs);
  return next && next !== now ? { [by.key]: next } : {};
}

/** Where `id` is used: [{kind: "rule"|"field", id}] of every rule and other field whose JSON names it. */
export function usesOf(content, id) {
  const named = new RegExp(`(^|[^a-z0-9_])${id}([^a-z0-9_]|$)`);
  const own = find(content, id);
  const inside = new Set([id, ...(own?.field.fields || []).map((column) => column.id)]);
  const uses = [];
  for (const rule of content.rules || []) {
    if (named.test(JSON.stringify([rule.when, rule.then]))) uses.push({ kind: 'rule', id: rule.id });
  }
  for (const { field } of everyField(content)) {
    const { fields: columns, ...rest } = field; // columns are asked for themselves
    if (!inside.has(field.id) && named.test(JSON.stringify(rest))) uses.push({ kind: 'field', id: field.id });
  }
  return uses;
}

/** What rules do to a field or section: ["show", "require"…], each once. */
export const doneTo = (content, id) => [...new Set((content.rules || []).flatMap((rule) => rule.then.filter((action) => action.target === id).map((action) => action.do)))];

/** Rules that a field takes part in: as what they act on, and as what they ask. */
export function rulesAbout(content, id) {
  const own = find(content, id)?.field;
  const names = [id, ...(own?.fields || []).map((column) => column.id)];
  const named = new RegExp(`(^|[^a-z0-9_])(${names.join('|')})([^a-z0-9_]|$)`);
  return (content.rules || []).filter((rule) => named.test(JSON.stringify([rule.when, rule.then])));
}

/** Fields whose label, hint, id or type's name holds every word of the query, in reading order. */
export function search(content, query, kinds, locale) {
  const wanted = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return [];
  const texts = (text) => (text && typeof text === 'object' ? Object.values(text).join(' ') : text || '');
  const entries = new Map(everyField(content).map((entry) => [entry.field.id, entry]));
  return inReadingOrder(content).filter((id) => {
    const { field } = entries.get(id);
    const kind = kinds.get(field.type);
    const hay = [texts(field.label), texts(field.hint), id, field.type, kind ? say(kind.label, locale) : ''].join(' ').toLowerCase();
    return wanted.every((word) => hay.includes(word));
  });
}
