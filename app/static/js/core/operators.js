// Twin of app/core/expressions/operators.py; the order of checks decides which error is seen.
import { checkedDay, checkedMoment, DAY_MS } from './dates.js';
import { fail } from './fail.js';
import { fit, integer, milliseconds, whole } from './numbers.js';
import { Day, isNumber, Moment, OPAQUE, Rows } from './values.js';

/** Text as CONTAINS compares it: A–Z in lower case, full-width forms in their usual width. */
export function fold(text) {
  return text.replace(/[A-Z\u3000\uff01-\uff5e]/g, (char) => {
    const usual = char === '\u3000' ? ' ' : String.fromCharCode(char.charCodeAt(0) - (char > 'Z' ? 0xfee0 : 0));
    return usual >= 'A' && usual <= 'Z' ? usual.toLowerCase() : usual;
  });
}

export const number = (value) => (isNumber(value) ? value : fail('E_TYPE'));
export const text = (value) => (typeof value === 'string' ? value : fail('E_TYPE'));

export function add(s, a, b) {
  if (a === null || b === null) return null;
  if (isNumber(a) && !isNumber(b)) [a, b] = [b, a];
  if (isNumber(a)) return fit(a.plus(b));
  if (a instanceof Day) return new Day(checkedDay(a.n + whole(number(b))));
  if (a instanceof Moment) return new Moment(checkedMoment(a.n + milliseconds(number(b), DAY_MS)));
  return fail('E_TYPE');
}

export function subtract(s, a, b) {
  if (a === null || b === null) return null;
  if (isNumber(a) && isNumber(b)) return fit(a.minus(b));
  if (a instanceof Day && b instanceof Day) return integer(a.n - b.n);
  if (a instanceof Moment && b instanceof Moment) return fit(integer(a.n - b.n).div(DAY_MS));
  if (a instanceof Day || a instanceof Moment) return add(s, a, number(b).neg());
  return fail('E_TYPE');
}

export const multiply = (s, a, b) => (a === null || b === null ? null : fit(number(a).times(number(b))));

export function divide(s, a, b) {
  if (a === null || b === null) return null;
  number(a);
  return number(b).isZero() ? fail('E_DIV0') : fit(a.div(b));
}

export const negate = (s, a) => (a === null ? null : number(a).neg());

export function equal(a, b) {
  if (a === null || b === null) return a === b;
  if (a.constructor !== b.constructor || a instanceof Rows || a === OPAQUE) return false;
  if (Array.isArray(a)) return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (isNumber(a)) return a.cmp(b) === 0;
  return typeof a === 'object' ? a.n === b.n : a === b;
}

/** -1, 0 or 1; null if either is empty. */
export function order(a, b) {
  if (a === null || b === null) return null;
  if (isNumber(a) && isNumber(b)) return a.cmp(b);
  if ((a instanceof Day && b instanceof Day) || (a instanceof Moment && b instanceof Moment)) {
    return Math.sign(a.n - b.n);
  }
  return fail('E_TYPE');
}
