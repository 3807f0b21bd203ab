// A day counted from today, or a time from now, as people choose it: "today", "today_after", "now_before"…

const UNITS = { today: 'days', now: 'minutes' };
const MOST = { today: 36_500, now: 527_040 };

/** What is chosen of a stored value such as {rel: "today", days: -3}. */
export function relativeChoice(value) {
  const n = amount(value);
  return n ? `${value.rel}_${n > 0 ? 'after' : 'before'}` : value.rel;
}

const amount = (value) => Number(value[UNITS[value.rel]] || 0);

/** The choices that count from `rel`. */
export const relativeChoices = (rel) => [rel, `${rel}_after`, `${rel}_before`];

/** The value that a choice begins with. */
export function relativeStart(choice) {
  const [rel, side] = choice.split('_');
  return { rel, [UNITS[rel]]: side ? (side === 'after' ? 1 : -1) : 0 };
}

/** How many days or minutes, with their unit and the most there may be; null of today and now themselves. */
export const relativeAmount = (value) => (amount(value) ? { n: Math.abs(amount(value)), unit: UNITS[value.rel], most: MOST[value.rel] } : null);

export const withAmount = (value, n) => ({ rel: value.rel, [UNITS[value.rel]]: Math.sign(amount(value)) * n });
