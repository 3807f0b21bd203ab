// Twin of app/core/expressions/values.py: what raw JSON means, by the field's type. An empty value is null.
import { dayText, momentText, parseDay, parseMoment } from './dates.js';
import { Fail, fail, isObject, LIMITS, own } from './fail.js';
import { D, fixedText, fromJsonNumber, parseNumber, plain } from './numbers.js';

const LONE = /[\ud800-\udfff]/gu; // half of a pair reads as U+FFFD, as in Python

export class Day {
  constructor(n) {
    this.n = n;
  }
}

export class Moment {
  constructor(n) {
    this.n = n;
  }
}

export class Rows {
  constructor(rows) {
    this.rows = rows;
  }
}

/** Something in a list that expressions cannot look into: neither empty nor equal to anything. */
export const OPAQUE = new (class Opaque {})();

export const isNumber = (value) => value instanceof D;

/** Characters of a text, counted as Python counts them. */
export const codePoints = (text) => (/[\ud800-\udbff]/.test(text) ? Array.from(text).length : text.length);

function nothing(raw) {
  return raw === null || raw === undefined || raw === '' || (Array.isArray(raw) && !raw.length) ? null : fail('E_TYPE');
}

const readNumber = (raw) => {
  if (typeof raw === 'string') return raw ? parseNumber(raw) : null;
  return typeof raw === 'number' ? fromJsonNumber(raw) : nothing(raw);
};

export const readText = (raw) => (typeof raw === 'string' ? raw.replace(LONE, '\ufffd') || null : nothing(raw));

const readBool = (raw) => (typeof raw === 'boolean' ? raw : nothing(raw));

export const readDay = (raw) => (raw && typeof raw === 'string' ? new Day(parseDay(raw)) : nothing(raw));

export const readMoment = (raw) => (raw && typeof raw === 'string' ? new Moment(parseMoment(raw)) : nothing(raw));

function readList(raw) {
  if (!Array.isArray(raw)) return nothing(raw);
  if (raw.length > LIMITS.rows) fail('E_LIMIT');
  return raw.length ? raw.map((item) => (Array.isArray(item) || isObject(item) ? OPAQUE : readAny(item))) : null;
}

function readRows(raw) {
  if (!Array.isArray(raw)) return nothing(raw);
  if (raw.length > LIMITS.rows) fail('E_LIMIT');
  if (!raw.every(isObject)) fail('E_TYPE');
  return raw.length ? new Rows(raw) : null;
}

function readAny(raw) {
  if (typeof raw === 'string') return readText(raw);
  if (typeof raw === 'boolean') return raw;
  if (typeof raw === 'number') return readNumber(raw);
  if (Array.isArray(raw)) return raw.length && raw.every(isObject) ? readRows(raw) : readList(raw);
  return isObject(raw) ? OPAQUE : nothing(raw);
}

const READERS = {
  number: readNumber, text: readText, bool: readBool, date: readDay, time: readMoment,
  list: readList, rows: readRows, any: readAny,
};

export const readerOf = (type) => own(READERS, type) || (() => fail('E_TYPE'));

export function readColumn(rows, name, read) {
  if (rows.length > LIMITS.rows) fail('E_LIMIT');
  const out = [];
  for (const row of rows) {
    const value = read(isObject(row) ? own(row, name) : null);
    if (Array.isArray(value)) out.push(...value);
    else out.push(value);
  }
  return out.length ? out : null;
}

export function checkedResult(value) {
  if (typeof value === 'string' && value.length > LIMITS.text && codePoints(value) > LIMITS.text) fail('E_LIMIT');
  if (value instanceof Rows || value === OPAQUE) fail('E_TYPE');
  if (Array.isArray(value)) value.forEach(checkedResult);
  return value;
}

/** `n:29.99`, `d:2026-09-01`, `t:…Z`, plain text (`s:…` where it looks like a tag), boolean, null, list of those. */
export function toTagged(value) {
  if (isNumber(value)) return 'n:' + plain(value);
  if (value instanceof Day) return 'd:' + dayText(value.n);
  if (value instanceof Moment) return 't:' + momentText(value.n);
  if (typeof value === 'string') return /^[ndts]:/.test(value) ? 's:' + value : value;
  return Array.isArray(value) ? value.map(toTagged) : value;
}

export function fromTagged(tagged) {
  if (typeof tagged === 'string') {
    const rest = tagged.slice(2);
    const read = { 'n:': parseNumber, 'd:': readDay, 't:': readMoment, 's:': readText }[tagged.slice(0, 2)];
    return read ? read(rest) : readText(tagged);
  }
  if (Array.isArray(tagged)) return tagged.length ? tagged.map(fromTagged) : null;
  return tagged === null || typeof tagged === 'boolean' ? tagged : fail('E_TYPE');
}

function stored(value, type) {
  if (isNumber(value)) return type === 'money' ? ['money', fixedText(value, 2)] : ['number', plain(value)];
  if (value instanceof Day) return ['date', dayText(value.n)];
  if (value instanceof Moment) return ['time', momentText(value.n)];
  if (Array.isArray(value)) return ['list', value.map((item) => asStored(item, 'any'))];
  return [typeof value === 'string' ? 'text' : 'bool', value];
}

/** What a computed field keeps, money with two places; where Python's `as_stored` gives an error, null: it is empty. */
export function asStored(value, type) {
  if (value === null || value.err) return null;
  try {
    const [kind, kept] = stored(value, type);
    return type === kind || type === 'any' ? kept : null;
  } catch (error) {
    if (error instanceof Fail) return null;
    throw error;
  }
}
