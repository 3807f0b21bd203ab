// Moments and lengths of the sandbox in words.
import { moment } from '../../designer/words.js';

const MINUTE = 60_000;

/** How much later than the beginning: 「2 天 3 小时」; "" for less than a minute. */
export function later(t, ms) {
  const minutes = Math.floor(ms / MINUTE);
  const parts = [['sb_days', Math.floor(minutes / 1440)], ['sb_hours', Math.floor(minutes / 60) % 24], ['sb_minutes', minutes % 60]];
  return parts.filter(([, n]) => n).map(([unit, n]) => `${n} ${t(unit)}`).join(' ');
}

export const said = (editor, ms) => moment(ms, editor.locale, editor.boot.timezone);

/** The offset of a time zone at a moment, as ISO 8601 writes it. */
function offset(ms, timeZone) {
  const name = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(ms).find((part) => part.type === 'timeZoneName').value;
  return name === 'GMT' ? '+00:00' : name.slice(3);
}

/** What an <input type="datetime-local"> shows of a moment, in the company's time zone. */
export function local(ms, timeZone) {
  return new Intl.DateTimeFormat('sv', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }).format(ms).replace(' ', 'T');
}

/** The same back, with its offset. */
export const instant = (text, timeZone) => `${text}:00${offset(Date.parse(`${text}:00Z`), timeZone)}`;

/** Nine in the morning of today: a story begins when people come to work. */
export const morning = (timeZone) => instant(`${local(Date.now(), timeZone).slice(0, 10)}T09:00`, timeZone);
