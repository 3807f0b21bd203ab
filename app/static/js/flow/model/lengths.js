// Lengths of time as people write them: a number and a unit. In the definition they are ISO 8601.

/** Unit → [ISO letters before and behind the number, ms]; the largest first. */
export const UNITS = { days: ['P', 'D', 86_400_000], hours: ['PT', 'H', 3_600_000], minutes: ['PT', 'M', 60_000], seconds: ['PT', 'S', 1000] };

const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** Milliseconds of a length, null of what is none. */
export function lengthMs(text) {
  const found = typeof text === 'string' && text !== 'P' && text.match(ISO);
  if (!found) return null;
  const [weeks, days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part || 0));
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000;
}

/** {n, unit} in which a length is a whole number, null of none: "PT24H" stays 24 hours, as it was written. */
export function readLength(text) {
  const ms = lengthMs(text);
  if (ms === null) return null;
  const written = Object.entries(UNITS).find(([, [head, letter]]) => new RegExp(`^${head}\\d+${letter}$`).test(text));
  const unit = written ? written[0] : Object.keys(UNITS).find((one) => ms % UNITS[one][2] === 0 && ms) || 'minutes';
  return { n: ms / UNITS[unit][2], unit };
}

export const writeLength = (n, unit) => `${UNITS[unit][0]}${n}${UNITS[unit][1]}`;
