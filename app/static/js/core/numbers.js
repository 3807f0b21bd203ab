// Twin of app/core/expressions/numbers.py: 28 digits, halves away from zero, |x| < 1e18, below 1e-100 it is 0.
import Decimal from 'decimal.js';
import { fail } from './fail.js';

const HALF_UP = 4;
const DOWN = 1;
export const D = Decimal.clone({ precision: 28, rounding: HALF_UP });
const Wide = Decimal.clone({ precision: 300, rounding: HALF_UP }); // quotients and roundings are exact in it

export const ZERO = new D(0);
export const ONE = new D(1);
const NUMBER = /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?$/;
const SAFE = Number.MAX_SAFE_INTEGER;

/** A result of D's arithmetic if its size is allowed. */
export function fit(x) {
  const e = x.e;
  if ((e > -101 && e < 18) || x.isZero()) return x;
  return e < 0 ? ZERO : fail('E_NUM');
}

/** Any number rounded to 28 digits. */
const narrow = (x) => fit(new D(x).toSD(28));

export function parseNumber(src) {
  if (src.length > 100 || !NUMBER.test(src)) fail('E_NUM');
  return src.length > 28 ? narrow(src) : fit(new D(src)); // so few digits need no rounding
}

export function fromJsonNumber(raw) {
  return raw >= -SAFE && raw <= SAFE ? narrow(raw) : fail('E_NUM');
}

/** An integer of ours (days, milliseconds, counts). */
export const integer = (n) => new D(n);

export const plain = (x) => x.toFixed();

export function roundTo(x, places) {
  if (!(places >= -28 && places <= 28)) fail('E_NUM');
  const wide = new Wide(x);
  if (places >= 0) return narrow(wide.toDP(places, HALF_UP));
  const unit = new Wide(`1e${-places}`);
  return narrow(wide.div(unit).toDP(0, HALF_UP).times(unit));
}

export function fixedText(x, places) {
  if (!(places >= 0 && places <= 28)) fail('E_NUM');
  const rounded = new Wide(x).toDP(places, HALF_UP);
  fit(rounded);
  return (rounded.isZero() ? ZERO : rounded).toFixed(places);
}

function floorDiv(x, step) {
  if (step.isZero()) fail('E_DIV0');
  const wide = new Wide(x);
  const by = new Wide(step);
  const quotient = wide.divToInt(by);
  const rest = wide.minus(quotient.times(by));
  if (rest.isZero() || rest.isNeg() === by.isNeg()) return [quotient, rest];
  return [quotient.minus(1), rest.plus(by)];
}

export const mod = (x, divisor) => narrow(floorDiv(x, divisor)[1]);

export function toMultiple(x, step, up) {
  if (x.gt(0) && step.lt(0)) fail('E_NUM');
  const [quotient, rest] = floorDiv(x, step);
  return narrow((up && !rest.isZero() ? quotient.plus(1) : quotient).times(step));
}

/** The integer part as a JavaScript number: exact up to 2^53, beyond which every user of it refuses. */
export const whole = (x) => Number(x.toDP(0, DOWN).toFixed());

/** `count` units of `unit` milliseconds, rounded to a whole one. */
export const milliseconds = (count, unit) => Number(new Wide(count).times(unit).toFixed(0));
