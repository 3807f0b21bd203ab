// Leaves out of decimal.js what expressions never call (trigonometry, roots, other bases): more than half its weight, and a phone
// pays for every kilobyte. It counts what it cuts and refuses a library that is laid out differently from the pinned one.
import { readFile } from 'node:fs/promises';

const KEEP = [
  'abs', 'cmp', 'div', 'divToInt', 'gt', 'isFinite', 'isNeg', 'isZero', 'lt', 'minus', 'neg', 'plus', 'times',
  'toDP', 'toFixed', 'toSD', 'clone', 'config', 'prototype',
];
const METHOD = /^((?:P\.\w+ = )+)function [\s\S]*?^};$/gm;
const DIGITS = /'([23]\.[0-9]{3})[0-9]{1000,}'/g; // ln 10 and pi, for what was cut
const OTHER = /^function parseOther\(x, str\) {[\s\S]*?^}$/gm; // "0xff", "Infinity": numbers.js has looked before
const CONSTANT = /^ {2}Decimal\.[A-Z_]+ = \d;$/gm;
const STATIC = /^ {2}Decimal\.([a-z]\w*) = \w+;.*$/gm;

export const slimDecimal = {
  name: 'slim-decimal',
  setup(build) {
    build.onLoad({ filter: /decimal\.js[\\/]decimal\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      let cut = 0;
      const drop = () => {
        cut += 1;
        return '';
      };
      const names = (assigned) => assigned.split(' = ').map((name) => name.replace('P.', ''));
      const contents = source
        .replace(METHOD, (all, assigned) => (names(assigned).some((name) => KEEP.includes(name)) ? all : drop()))
        .replace(DIGITS, "'$1'")
        .replace(OTHER, () => drop() + "function parseOther(x, str) { throw Error(invalidArgument + str); }")
        .replace(CONSTANT, drop)
        .replace(STATIC, (all, name) => (KEEP.includes(name) ? all : drop()));
      if (cut !== 92) return { errors: [{ text: `decimal.js has another layout than the one known (${cut} parts cut)` }] };
      return { contents, loader: 'js' };
    });
  },
};
