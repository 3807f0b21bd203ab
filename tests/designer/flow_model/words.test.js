// Texts of the flow designer are complete in both languages, and every one that is asked for exists.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { words as common } from '../../../app/static/js/designer/words.js';
import { words } from '../../../app/static/js/flow/words.js';

const ROOT = new URL('../../../app/static/js/flow', import.meta.url).pathname;
const code = readdirSync(ROOT, { recursive: true }).filter((name) => /\.jsx?$/.test(name) && !name.endsWith('words.js')).map((name) => readFileSync(join(ROOT, name), 'utf8')).join('\n');
const prefixes = [...code.matchAll(/\bt\(`([a-z_]+)\$\{/g)].map((found) => found[1]);
const gaps = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();

test('every text stands in Chinese and in English, with the same gaps to fill', () => {
  for (const [key, texts] of Object.entries(words)) {
    assert.equal(texts.length, 2, key);
    assert.equal(gaps(texts[0]), gaps(texts[1]), key);
    assert.ok(/[一-鿿]|^\{|^[“（、〔]/.test(texts[0]), `${key} is not Chinese: ${texts[0]}`);
    assert.ok(texts[1].trim() && !/[一-鿿]/.test(texts[1]), `${key} is not English: ${texts[1]}`);
  }
});

test('every text that is asked for exists', () => {
  const asked = [...code.matchAll(/\bt\(\s*'([^']+)'/g)].map((found) => found[1]);
  assert.ok(asked.length > 50);
  assert.deepEqual([...new Set(asked)].filter((key) => !(key in words) && !(key in common)), []);
});

test('no text is left over', () => {
  const used = (key) => code.includes(`'${key}'`) || prefixes.some((prefix) => key.startsWith(prefix));
  assert.deepEqual(Object.keys(words).filter((key) => !used(key) && !(key in common)), []);
});
