// Texts are complete in both languages, every one that is asked for exists, and none is left over.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { moment, translator, words } from '../../../app/static/js/designer/words.js';

const ROOTS = ['designer', 'shared'].map((name) => new URL(`../../../app/static/js/${name}`, import.meta.url).pathname);
const sources = ROOTS.flatMap((root) => readdirSync(root, { recursive: true }).filter((name) => /\.jsx?$/.test(name) && name !== 'words.js').map((name) => readFileSync(join(root, name), 'utf8')));
const code = sources.join('\n');
// t(`level_${level}`): every key that begins so is in use.
const prefixes = [...code.matchAll(/\bt\(`([a-z_]+)\$\{/g)].map((found) => found[1]);
const gaps = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();

test('every text stands in Chinese and in English, with the same gaps to fill', () => {
  for (const [key, texts] of Object.entries(words)) {
    assert.equal(texts.length, 2, key);
    assert.ok(texts.every((text) => typeof text === 'string' && text.trim()), key);
    assert.equal(gaps(texts[0]), gaps(texts[1]), key);
    assert.ok(/[\u4e00-\u9fff]|^\{|^[“（、]/.test(texts[0]), `${key} is not Chinese: ${texts[0]}`);
    assert.ok(!/[\u4e00-\u9fff]/.test(texts[1]), `${key} is not English: ${texts[1]}`);
  }
});

test('every text that is asked for exists', () => {
  const asked = [...code.matchAll(/\bt\(\s*'([^']+)'/g), ...code.matchAll(/\bt\([^()'`]*(?:\([^()]*\))?[^()'`]*\? '([^']+)' : '[^']+'/g), ...code.matchAll(/\bt\([^()'`]*(?:\([^()]*\))?[^()'`]*\? '[^']+' : '([^']+)'/g)].map((found) => found[1]);
  assert.ok(asked.length > 150);
  assert.deepEqual([...new Set(asked)].filter((key) => !(key in words)), []);
});

test('no text is left over', () => {
  const used = (key) => code.includes(`'${key}'`) || prefixes.some((prefix) => key.startsWith(prefix));
  assert.deepEqual(Object.keys(words).filter((key) => !used(key)), []);
});

test('gaps are filled, and a reader of English reads English', () => {
  assert.equal(translator('zh-CN')('undo_what', { what: '删除' }), '撤销：删除');
  assert.equal(translator('en')('problems_n', { n: 3 }), 'Problems 3');
  assert.match(moment(Date.UTC(2020, 0, 2), 'en'), /2020/);
});
