// Twin of app/core/expressions/functions.py.
import * as dates from './date_functions.js';
import { civil, dayText, localMs, momentText } from './dates.js';
import { fail, LIMITS } from './fail.js';
import { fit, fixedText, integer, mod, ONE, plain, roundTo, toMultiple, whole, ZERO } from './numbers.js';
import { add, divide, equal, fold, multiply, negate, number, order, subtract, text } from './operators.js';
import { codePoints, Day, isNumber, Moment, OPAQUE, Rows } from './values.js';

/** A function of one or two arguments that is empty when one of them is. */
const strict = (apply) => (s, x, y) => (x === null || y === null ? null : apply(x, y));

function items(args) {
  const out = [];
  for (const arg of args) {
    if (Array.isArray(arg)) out.push(...arg.filter((item) => item !== null));
    else if (arg !== null) out.push(arg);
  }
  return out;
}

const total = (found) => found.reduce((sum, item) => fit(sum.plus(number(item))), ZERO);

const extreme = (sign) => (s, ...args) => {
  let best = null;
  for (const item of items(args)) {
    if (order(item, best === null ? item : best) === sign || best === null) best = item;
  }
  return best;
};

function average(s, ...args) {
  const found = items(args);
  return found.length ? fit(total(found).div(found.length)) : null;
}

function spoken(s, value) {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (isNumber(value)) return plain(value);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (value instanceof Day) return dayText(value.n);
  if (value instanceof Moment) return momentText(localMs(value.n, s.env.tz)).slice(0, 16).replace('T', ' ');
  return fail('E_TYPE');
}

function concat(s, ...args) {
  const out = args.map((arg) => spoken(s, arg)).join('');
  if (out.length > LIMITS.text && codePoints(out) > LIMITS.text) fail('E_LIMIT');
  return out || null;
}

function amount(n) {
  const count = whole(number(n));
  return count < 0 ? fail('E_NUM') : count;
}

function left(s, x, n = ONE) {
  if (x === null || n === null) return null;
  return Array.from(text(x)).slice(0, amount(n)).join('') || null;
}

function right(s, x, n = ONE) {
  if (x === null || n === null) return null;
  const chars = Array.from(text(x));
  return chars.slice(Math.max(0, chars.length - amount(n))).join('') || null;
}

function starts(s, x, y) {
  if (x === null || y === null) return false;
  const folded = fold(text(x));
  return items([y]).some((item) => folded.startsWith(fold(text(item))));
}

function hits(x, y) {
  if (x === null || y === null) return [];
  const wanted = items([y]);
  if (typeof x === 'string') {
    const folded = fold(x);
    return wanted.map((item) => folded.includes(fold(text(item))));
  }
  return Array.isArray(x) ? wanted.map((item) => x.some((have) => equal(item, have))) : fail('E_TYPE');
}

function hasAll(s, x, y) {
  const found = hits(x, y);
  return found.length > 0 && !found.includes(false);
}

function isIn(s, x, y) {
  if (y === null) return false;
  if (y instanceof Rows) fail('E_TYPE');
  return Array.isArray(y) ? y.some((item) => equal(x, item)) : equal(x, y);
}

function size(s, x) {
  if (x === null) return ZERO;
  if (x instanceof Rows) return integer(x.rows.length);
  return Array.isArray(x) ? integer(x.length) : fail('E_TYPE');
}

function asList(s, ...args) {
  const out = [];
  for (const arg of args) {
    if (arg instanceof Rows || arg === OPAQUE) fail('E_TYPE');
    if (Array.isArray(arg)) out.push(...arg);
    else out.push(arg);
  }
  return out.length ? out : null;
}

const count = (s, ...args) =>
  integer(items(args).reduce((sum, item) => sum + (item instanceof Rows ? item.rows.length : 1), 0));

export const EAGER = {
  '+': add, '-': subtract, '*': multiply, '/': divide, neg: negate, l: asList,
  '=': (s, a, b) => equal(a, b),
  '<>': (s, a, b) => !equal(a, b),
  '<': (s, a, b) => order(a, b) === -1,
  '>': (s, a, b) => order(a, b) === 1,
  '<=': (s, a, b) => [-1, 0].includes(order(a, b)),
  '>=': (s, a, b) => [0, 1].includes(order(a, b)),
  empty: (s, x) => x === null,
  round: strict((x, places = ZERO) => roundTo(number(x), whole(number(places)))),
  floor: strict((x, step = ONE) => toMultiple(number(x), number(step), false)),
  ceiling: strict((x, step = ONE) => toMultiple(number(x), number(step), true)),
  abs: strict((x) => number(x).abs()),
  mod: strict((x, divisor) => mod(number(x), number(divisor))),
  sum: (s, ...args) => total(items(args)),
  average, min: extreme(-1), max: extreme(1), count,
  concat, len: (s, x) => (x === null ? ZERO : integer(codePoints(text(x)))), left, right,
  fixed: strict((x, places) => fixedText(number(x), places === undefined ? 2 : whole(number(places)))),
  starts, has_any: (s, x, y) => hits(x, y).includes(true), has_all: hasAll, in: isIn, size,
  today: dates.today, now: dates.now, date: dates.date, todate: dates.todate, addm: dates.edate,
  addmin: dates.addminutes, datedif: dates.datedif, hour: dates.hour,
  year: dates.part((day) => civil(day)[0]),
  month: dates.part((day) => civil(day)[1]),
  day: dates.part((day) => civil(day)[2]),
  weekday: dates.part((day) => ((((day + 3) % 7) + 7) % 7) + 1),
};
