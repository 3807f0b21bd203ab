// Twin of app/core/expressions/dates.py: integers only; neither Intl nor Date is asked.
import { fail } from './fail.js';

const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const MOMENT = new RegExp(
  '^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]{1,6}))?)?' +
    '(?:Z|([+-])([0-9]{2}):([0-9]{2}))$'
);
export const MINUTE = 60000;
export const DAY_MS = 86400000;
const MIN_DAY = -719162;
const MAX_DAY = 2932896;
const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const over = (a, b) => Math.floor(a / b);
const pad = (n, width) => String(n).padStart(width, '0');

function monthDays(year, month) {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : MONTHS[month - 1];
}

export function dayNumber(year, month, day) {
  const y = year - (month <= 2 ? 1 : 0);
  const era = over(y, 400);
  const ofEra = y - era * 400;
  const ofYear = over(153 * (month + (month > 2 ? -3 : 9)) + 2, 5) + day - 1;
  return era * 146097 + ofEra * 365 + over(ofEra, 4) - over(ofEra, 100) + ofYear - 719468;
}

export function civil(day) {
  const shifted = day + 719468;
  const era = over(shifted, 146097);
  const ofEra = shifted - era * 146097;
  const year = over(ofEra - over(ofEra, 1460) + over(ofEra, 36524) - over(ofEra, 146096), 365);
  const ofYear = ofEra - (365 * year + over(year, 4) - over(year, 100));
  const shiftedMonth = over(5 * ofYear + 2, 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return [year + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - over(153 * shiftedMonth + 2, 5) + 1];
}

export const checkedDay = (day) => (day >= MIN_DAY && day <= MAX_DAY ? day : fail('E_DATE'));

export const checkedMoment = (ms) =>
  ms >= MIN_DAY * DAY_MS && ms < (MAX_DAY + 1) * DAY_MS ? ms : fail('E_DATE');

export function parseDay(src) {
  const found = DATE.exec(src);
  if (found) {
    const [year, month, day] = found.slice(1).map(Number);
    if (year && month >= 1 && month <= 12 && day >= 1 && day <= monthDays(year, month)) {
      return dayNumber(year, month, day);
    }
  }
  return fail('E_DATE');
}

export function parseMoment(src) {
  const found = MOMENT.exec(src);
  if (found) {
    const [hour, minute, second, zoneHour, zoneMinute] = [2, 3, 4, 7, 8].map((group) => Number(found[group] || 0));
    if (hour < 24 && minute < 60 && second < 60 && zoneHour < 15 && zoneMinute < 60) {
      const ms = Number(((found[5] || '') + '000').slice(0, 3));
      const offset = (zoneHour * 60 + zoneMinute) * (found[6] === '-' ? -1 : 1);
      const clock = (hour * 60 + minute - offset) * MINUTE + second * 1000 + ms;
      return checkedMoment(parseDay(found[1]) * DAY_MS + clock);
    }
  }
  return fail('E_DATE');
}

export function dayText(day) {
  const [year, month, ofMonth] = civil(day);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(ofMonth, 2)}`;
}

export function momentText(ms) {
  const day = over(ms, DAY_MS);
  const rest = ms - day * DAY_MS;
  const seconds = over(rest, 1000);
  const fraction = rest - seconds * 1000;
  const clock = [over(seconds, 3600), over(seconds, 60) % 60, seconds % 60].map((part) => pad(part, 2)).join(':');
  return `${dayText(day)}T${clock}${fraction ? '.' + pad(fraction, 3) : ''}Z`;
}

function offsetAt(ms, zone) {
  let offset = zone.length ? zone[0][1] : 0;
  for (const [start, minutes] of zone) {
    if (start > ms) break;
    offset = minutes;
  }
  return offset;
}

export const localMs = (ms, zone) => checkedMoment(ms + offsetAt(ms, zone) * MINUTE);

export const localDay = (ms, zone) => over(localMs(ms, zone), DAY_MS);

export const midnight = (day, zone) => momentAt(day * DAY_MS, zone);

export function momentAt(wall, zone) {
  let moment = wall;
  for (let index = 0; index < zone.length; index += 1) {
    const candidate = wall - zone[index][1] * MINUTE;
    if (index === 0 || candidate >= zone[index][0]) moment = candidate;
    if (index + 1 < zone.length && candidate < zone[index + 1][0]) break;
  }
  return checkedMoment(moment);
}

export function addMonths(day, months) {
  const [year, month, ofMonth] = civil(day);
  const index = year * 12 + month - 1 + months;
  const y = over(index, 12);
  const m = index - y * 12 + 1;
  if (!(y >= 1 && y <= 9999)) fail('E_DATE');
  return dayNumber(y, m, Math.min(ofMonth, monthDays(y, m)));
}

export function monthsBetween(start, end) {
  if (end < start) return -monthsBetween(end, start);
  const [y1, m1, d1] = civil(start);
  const [y2, m2, d2] = civil(end);
  return (y2 - y1) * 12 + m2 - m1 - (d2 < d1 ? 1 : 0);
}
