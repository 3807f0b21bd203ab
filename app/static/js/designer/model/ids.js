// Ids are readable (they say the type they were made with) and never come again: the tail is random, so that a deleted
// field's id, still known to old entries and to flows, is not given to another field.

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'; // no 0 o 1 l i

export const tail = (length = 4, random = Math.random) =>
  Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');

/** Every id that stands in the definition: fields, columns, sections, rules, options. */
export function idsOf(content) {
  const ids = new Set();
  const collect = (part) => {
    if (Array.isArray(part)) part.forEach(collect);
    else if (part && typeof part === 'object') {
      if (typeof part.id === 'string') ids.add(part.id);
      Object.values(part).forEach(collect);
    }
  };
  collect(content);
  return ids;
}

/** Types of a content's fields and columns by id. */
export function typesOf(content) {
  return new Map((content.fields || []).flatMap((field) => [field, ...(field.fields || [])]).map((field) => [field.id, field.type]));
}

/** A new id such as `f_phone_7q2k`; `base` is cut down to what an id may hold. */
export function freshId(prefix, base, taken, random = Math.random) {
  const word = String(base).toLowerCase().replace(/[^a-z0-9_]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 24);
  for (;;) {
    const id = `${prefix}${word ? `${word}_` : ''}${tail(4, random)}`;
    if (!taken.has(id)) {
      taken.add(id);
      return id;
    }
  }
}
