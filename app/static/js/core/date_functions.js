// Twin of app/core/expressions/date_functions.py.
import {
  addMonths, checkedDay, checkedMoment, DAY_MS, dayNumber, localDay, localMs, midnight, MINUTE, monthsBetween, parseDay,
} from './dates.js';
import { fail } from './fail.js';
import { integer, milliseconds, whole, ZERO } from './numbers.js';
import { fold, number, text } from './operators.js';
import { Day, Moment } from './values.js';

const WIDEST = 10000000;

function dayOf(s, x) {
  if (x instanceof Day) return x.n;
  return x instanceof Moment ? localDay(x.n, s.env.tz) : fail('E_TYPE');
}

function momentOf(s, x) {
  if (x instanceof Moment) return x.n;
  return x instanceof Day ? midnight(x.n, s.env.tz) : fail('E_TYPE');
}

export const today = (s) => new Day(localDay(s.env.now_ms, s.env.tz));
export const now = (s) => new Moment(checkedMoment(s.env.now_ms));

export function date(s, year, month, day) {
  if (year === null || month === null || day === null) return null;
  const [y, m, d] = [year, month, day].map((part) => whole(number(part)));
  if (Math.max(Math.abs(y), Math.abs(m), Math.abs(d)) > WIDEST) fail('E_DATE');
  const index = y * 12 + m - 1;
  const carried = Math.floor(index / 12);
  return new Day(checkedDay(dayNumber(carried, index - carried * 12 + 1, 1) + d - 1));
}

export const todate = (s, x) => (x === null ? null : new Day(typeof x === 'string' ? parseDay(x) : dayOf(s, x)));

export const edate = (s, x, months) =>
  x === null || months === null ? null : new Day(addMonths(dayOf(s, x), whole(number(months))));

export const addminutes = (s, x, minutes) =>
  x === null || minutes === null
    ? null
    : new Moment(checkedMoment(momentOf(s, x) + milliseconds(number(minutes), MINUTE)));

export function datedif(s, a, b, unit) {
  if (a === null || b === null || unit === null) return null;
  const spelt = fold(text(unit));
  if (spelt === 'h' || spelt === 'min') {
    const span = momentOf(s, b) - momentOf(s, a);
    return integer(Math.trunc(span / (spelt === 'h' ? 60 * MINUTE : MINUTE)));
  }
  const start = dayOf(s, a);
  const end = dayOf(s, b);
  if (spelt === 'd') return integer(end - start);
  if (spelt !== 'y' && spelt !== 'm') fail('E_TYPE');
  const months = monthsBetween(start, end);
  return integer(spelt === 'm' ? months : Math.trunc(months / 12));
}

export const part = (pick) => (s, x) => (x === null ? null : integer(pick(dayOf(s, x))));

export function hour(s, x) {
  if (x === null || x instanceof Day) return x && ZERO;
  if (!(x instanceof Moment)) fail('E_TYPE');
  const local = localMs(x.n, s.env.tz);
  return integer(Math.floor((local - Math.floor(local / DAY_MS) * DAY_MS) / (60 * MINUTE)));
}
