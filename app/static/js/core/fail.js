// A run-time error on its way to the top of one evaluation; app/core/expressions/errors.py says more.
import { limits } from '../../../core/expressions/ops.json';

export class Fail {
  constructor(code) {
    this.code = code;
  }
}

export function fail(code) {
  throw new Fail(code);
}

export const LIMITS = limits;

/** An own property, or null: nothing inherited is ever read (`__proto__`, `constructor`). */
export function own(holder, name) {
  return Object.prototype.hasOwnProperty.call(holder, name) ? holder[name] : null;
}

export function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
