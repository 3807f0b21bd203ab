// A rehearsal's plan, numbers and badges.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosen, compared, FIRST, gapBadges, heatBadges, inOrder, loadBadges, long, minutesOf, planOf, same } from '../../../app/static/js/flow/load/model.js';
import { words } from '../../../app/static/js/flow/load/words.js';

const t = (key, values = {}) => words[key][0].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const seen = (mean) => ({ mean, low: mean, high: mean });
const HOUR = 3_600_000;

test('lengths are read as people say them, working time without days', () => {
  assert.equal(long(t, 3.2 * HOUR), '3.2 小时');
  assert.equal(long(t, 50 * HOUR), '2.1 天');
  assert.equal(long(t, 50 * HOUR, true), '50 小时');
  assert.equal(long(t, 12 * 60_000), '12 分钟');
  assert.equal(long(t, 0), '0 秒');
});

test('a plan holds what was changed and nothing else', () => {
  assert.deepEqual(planOf(FIRST), { tickets: 500, days: 1, seeds: 5 });
  const choice = { ...FIRST, peak: { from: 20, to: 22, times: 3 }, people: { 'role:a': 4 }, takes: { work: [1, 2.5, 10] }, answered: { rate: 40 }, shares: { hot: { yes: 20, else: 80 }, none: { yes: 0 } } };
  assert.deepEqual(planOf(choice), {
    tickets: 500, days: 1, seeds: 5, peak: { from: 20, to: 22, times: 3 }, staff: { 'role:a': { people: 4 } },
    steps: { work: { least: 'PT60S', likely: 'PT150S', most: 'PT600S' }, rate: { answered: 40 } }, ports: { hot: { yes: 20, else: 80 } },
  });
  assert.deepEqual(planOf(choice, { 'role:a': 9 }).staff, { 'role:a': { people: 9 } });
});

test('a plan leads back to the settings that it was made of', () => {
  const choice = { ...FIRST, tickets: 5000, peak: { from: 20, to: 22, times: 3 }, people: { 'role:a': 4 }, takes: { work: [1, 2.5, 10] }, answered: { rate: 40 }, shares: { hot: { yes: 20, else: 80 } }, seeds: 20 };
  assert.deepEqual(chosen({ plan: planOf(choice), other: null }, 'history'), { choice, other: null });
  assert.deepEqual(chosen({ plan: planOf(FIRST), other: planOf(FIRST, { 'role:a': 9 }) }, 'history'), { choice: FIRST, other: { 'role:a': 9 } });
});

test('two contents say the same in whatever order they are written', () => {
  assert.ok(same({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }));
  for (const other of [{ a: 1, b: [] }, { a: 1, b: { 0: 2 } }, { a: 1 }, null, { a: 1, b: [3] }]) assert.ok(!same({ a: 1, b: [2] }, other), JSON.stringify(other));
});

test('three lengths stay in order around the one that was changed', () => {
  assert.deepEqual(inOrder([5, 60, 40], 1), [5, 60, 60]);
  assert.deepEqual(inOrder([50, 15, 40], 0), [50, 50, 50]);
  assert.deepEqual(inOrder([5, 15, 3], 2), [3, 3, 3]);
});

test('every kind of length fills the three fields', () => {
  assert.deepEqual(minutesOf({ kind: 'range', ms: [60_000, 120_000, 600_000] }), [1, 2, 10]);
  assert.deepEqual(minutesOf({ kind: 'mean', ms: [600_000] }), [0, 10, 30]);
  assert.deepEqual(minutesOf({ kind: 'marks', ms: [60_000, 90_000, 120_000, 180_000, 240_000] }), [1, 2, 4]);
});

const step = (id, more) => ({ id, name: id, work: true, wait95: seen(0), longest: seen(0), busy: seen(0.5), stuck: seen(0), ...more });

test('cards say numbers in words: the bottleneck is marked, calm steps are calm', () => {
  const report = { bottleneck: 'a', steps: [step('a', { wait95: seen(3.2 * HOUR), longest: seen(42) }), step('b', {}), step('c', { work: false }), step('d', { wait95: seen(HOUR), longest: seen(9), busy: seen(0.95), stuck: seen(2) })] };
  const badges = loadBadges(t, report);
  assert.deepEqual(Object.keys(badges), ['a', 'b', 'd']);
  assert.deepEqual(badges.a, [{ kind: 'load', level: 'error', words: '排 42 单 · 95% 等 3.2 小时' }]);
  assert.deepEqual(badges.b, [{ kind: 'load', level: 'info', words: '不排队' }]);
  assert.deepEqual(badges.d.map((one) => [one.level, one.words]), [['warning', '排 9 单 · 95% 等 1 小时'], ['error', '卡住 2 张']]);
});

test('heat and gaps say their numbers and levels too', () => {
  const heat = { nodes: { a: { waiting: 3, p50: HOUR, breached: 1, parked: 1 }, b: { waiting: 0, p50: null, breached: 0, parked: 0 } } };
  assert.deepEqual(heatBadges(t, heat).a.map((one) => one.words), ['3 单等着', '一半停留 1 小时', '超时 1 次', '卡住 1 张']);
  assert.equal(heatBadges(t, heat).b, undefined);
  const gaps = [{ node: 'a', level: 'error' }, { node: 'a', level: 'warning' }, { node: '', level: 'advice' }];
  assert.deepEqual(gapBadges(t, gaps), { a: [{ kind: 'gap', level: 'error', words: '缺口' }] });
});

test('two plans are compared number by number; teams nobody waits for are left out', () => {
  const team = (wait) => ({ key: 'x', name: '客服', wait95: seen(wait), busy: seen(0.5) });
  const report = (wait, late) => ({ run: { spent95: seen(HOUR), closed_in_time: seen(9.6) }, teams: [team(wait), { ...team(0), name: '质检' }], clocks: [{ name: 'SLA', overdue: seen(late) }] });
  const rows = compared(t, report(2 * HOUR, 4), report(HOUR, 0));
  assert.deepEqual(rows.map((row) => row.slice(1)), [['1 小时', '1 小时'], [10, 10], ['2 小时', '1 小时'], ['50%', '50%'], [4, 0]]);
  assert.ok(rows.every(([words]) => !words.includes('质检')));
});
