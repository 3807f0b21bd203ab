// Copying fields to another form: a JSON text of our own on the clipboard, judged before it is used.
import { everyField } from './content.js';
import { insertFields, renamed } from './edits.js';
import { idsOf } from './ids.js';

const MARK = 'danflow/fields/1';
const MOST_BYTES = 500_000;

/** The text to put on the clipboard: the fields and the option sets they use. */
export function copied(content, ids) {
  const fields = everyField(content).filter((entry) => ids.includes(entry.field.id)).map(({ field: { section, ...rest } }) => rest);
  const used = new Set();
  for (const field of fields.flatMap((one) => [one, ...(one.fields || [])])) {
    if (field.option_set) used.add(field.option_set);
    Object.values(field.options_from?.map || {}).forEach((name) => used.add(name));
  }
  const option_sets = Object.fromEntries(Object.entries(content.option_sets || {}).filter(([name]) => used.has(name)));
  return JSON.stringify({ schema: MARK, fields, option_sets });
}

/** What a clipboard text holds, or null if it is none of ours or names types that this installation lacks. */
export function readCopied(text, kinds) {
  if (!text || text.length > MOST_BYTES || !text.includes(MARK)) return null;
  try {
    const found = JSON.parse(text);
    const fields = found.schema === MARK && Array.isArray(found.fields) ? found.fields : [];
    const fits = (field) => field && typeof field.id === 'string' && kinds.has(field.type) && (field.fields === undefined || (Array.isArray(field.fields) && field.fields.every(fits)));
    return fields.length && fields.every(fits) ? { fields, option_sets: found.option_sets || {} } : null;
  } catch {
    return null;
  }
}

/** Insert what was copied, with new ids: {content, ids}. Sets of the same name here are kept as they are here. */
export function paste(content, found, place, random) {
  const fields = renamed(found.fields, idsOf(content), random);
  const sets = { ...found.option_sets, ...(content.option_sets || {}) };
  const next = insertFields(content, fields, place);
  return { content: Object.keys(sets).length ? { ...next, option_sets: sets } : next, ids: fields.map((field) => field.id) };
}
