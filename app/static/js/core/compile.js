// Twin of app/core/expressions/check.py and compile.py: AST → closures → value. Steps are counted as there.
import { ops } from '../../../core/expressions/ops.json';
import { fail, Fail, isObject, LIMITS, own } from './fail.js';
import { EAGER } from './functions.js';
import { integer, parseNumber } from './numbers.js';
import { checkedResult, OPAQUE, readColumn, readDay, readerOf, readMoment, readText, Rows } from './values.js';

const PATH = /^[^.{}\x00-\x20]{1,64}(?:\.[^.{}\x00-\x20]{1,64}){0,3}$/u;
const isPath = (arg) => typeof arg === 'string' && PATH.test(arg);

/** Nodes seen so far, this one and those below it included. */
function check(node, depth, seen) {
  if (depth > LIMITS.depth || seen >= LIMITS.nodes) fail('E_LIMIT');
  const span = Array.isArray(node) && typeof node[0] === 'string' && own(ops, node[0]);
  if (!span) fail('E_AST');
  const [op, ...args] = node;
  if (args.length < span[0] || args.length > span[1] || (op === 'ifs' && args.length % 2)) fail('E_AST');
  let fine;
  if ('nsdt'.includes(op)) fine = typeof args[0] === 'string' && Array.from(args[0]).length <= LIMITS.text;
  else if (op === 'b') fine = typeof args[0] === 'boolean';
  else if (op === 'f') fine = isPath(args[0]);
  else if (op === 'c') fine = args.every((arg) => isPath(arg) && !arg.includes('.'));
  else return args.reduce((count, arg) => check(arg, depth + 1, count), seen + 1);
  return fine ? seen + 1 : fail('E_AST');
}

function spend(s, steps) {
  s.steps += steps;
  if (s.steps > LIMITS.steps) fail('E_LIMIT');
}

function charged(s, value) {
  if (Array.isArray(value)) spend(s, value.length);
  return value;
}

function holds(value) {
  return typeof value === 'boolean' || value === null ? value === true : fail('E_TYPE');
}

function literal(read) {
  return (compiler, [, src]) => {
    let value;
    try {
      value = read(src);
    } catch (error) {
      if (!(error instanceof Fail)) throw error;
      return [() => fail(error.code), 1];
    }
    return [() => value, 1];
  };
}

function field(compiler, [, path]) {
  const levels = path.split('.');
  if (levels[0] === 'row' && levels.length === 2) return cell(compiler, ['c', levels[1]]);
  const last = levels.pop();
  const read = readerOf(own(compiler.types, path) || 'any');
  const value = (s) => {
    let holder = s.ctx;
    for (const name of levels) holder = isObject(holder) ? own(holder, name) : null;
    if (isObject(holder)) return charged(s, read(own(holder, last)));
    return Array.isArray(holder) ? charged(s, readColumn(holder, last, read)) : null;
  };
  return [value, 1];
}

function cell(compiler, [, name, type]) {
  const { types, table } = compiler;
  const declared = type || (table && own(types, `${table}.${name}`)) || own(types, `row.${name}`) || 'any';
  const read = readerOf(declared);
  return [(s) => (isObject(s.row) ? charged(s, read(own(s.row, name))) : null), 1];
}

/** An operator that chooses itself which of its parts to evaluate. */
const lazy = (evaluate) => (compiler, [, ...args]) => {
  const [parts, steps] = nodes(compiler, args);
  return [(s) => evaluate(s, parts), steps + 1];
};

function firstThatHolds(s, parts) {
  for (let index = 0; index < parts.length; index += 2) {
    if (holds(parts[index](s))) return parts[index + 1](s);
  }
  return null;
}

function coalesce(s, parts) {
  for (const part of parts) {
    const value = part(s);
    if (value !== null) return value;
  }
  return null;
}

function rowLoop(compiler, [op, from, to]) {
  const [source, steps] = node(compiler, from);
  const inside = { types: compiler.types, table: from[0] === 'f' ? from[1] : '' };
  const [body, bodySteps] = node(inside, to || ['b', true]);
  const value = (s) => {
    const found = source(s);
    if (found !== null && !(found instanceof Rows)) fail('E_TYPE');
    const rows = found ? found.rows : [];
    const outer = s.row;
    const mapped = [];
    let hits = 0;
    for (const row of rows) {
      spend(s, bodySteps);
      s.row = row;
      const result = body(s);
      if (op === 'map') mapped.push(Array.isArray(result) || result instanceof Rows || result === OPAQUE ? fail('E_TYPE') : result);
      else if (holds(result)) {
        hits += 1;
        if (op === 'any') break;
      } else if (op === 'all') break;
    }
    s.row = outer;
    if (op === 'map') return mapped.length ? mapped : null;
    return op === 'countrows' ? integer(hits) : hits > 0 && (op === 'any' || hits === rows.length);
  };
  return [value, steps + 1];
}

const SPECIAL = {
  n: literal(parseNumber), s: literal(readText), b: literal((src) => src),
  d: literal((src) => readDay(src) || fail('E_DATE')), t: literal((src) => readMoment(src) || fail('E_DATE')),
  f: field, c: cell,
  if: lazy((s, [test, then, otherwise]) => (holds(test(s)) ? then(s) : otherwise ? otherwise(s) : null)),
  ifs: lazy(firstThatHolds),
  and: lazy((s, parts) => parts.every((part) => holds(part(s)))),
  or: lazy((s, parts) => parts.some((part) => holds(part(s)))),
  not: lazy((s, [part]) => !holds(part(s))),
  coalesce: lazy(coalesce),
  any: rowLoop, all: rowLoop, countrows: rowLoop, map: rowLoop,
};

function nodes(compiler, args) {
  const compiled = args.map((arg) => node(compiler, arg));
  return [compiled.map(([closure]) => closure), compiled.reduce((sum, [, steps]) => sum + steps, 0)];
}

function node(compiler, ast) {
  const special = own(SPECIAL, ast[0]);
  if (special) return special(compiler, ast);
  const [parts, steps] = nodes(compiler, ast.slice(1));
  const apply = EAGER[ast[0]];
  const [a, b] = parts;
  if (parts.length === 2) return [(s) => apply(s, a(s), b(s)), steps + 1];
  return [(s) => apply(s, ...parts.map((part) => part(s))), steps + 1];
}

/** The outcome of `work`, a Fail turned into `{err: code}`. */
function caught(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fail) return { err: error.code };
    throw error;
  }
}

/**
 * A program `run(ctx, env)` from a stored AST. `types`: path → type; `ctx`: raw JSON nested by scope;
 * `env`: `{now_ms, tz: [[from_ms, offset_min], …]}`. A result is a value or `{err: code}`; nothing is thrown.
 */
export function compile(ast, types) {
  const built = caught(() => {
    check(ast, 1, 0);
    return node({ types, table: '' }, ast);
  });
  if (!Array.isArray(built)) return () => built;
  const [root, steps] = built;
  return (ctx, env) => caught(() => checkedResult(root({ ctx, env, steps, row: own(ctx, 'row') })));
}

/** Compile and run once. */
export const evaluate = (ast, types, ctx, env) => compile(ast, types)(ctx, env);
