// The flow as a list: what stands below what, and steps that change places.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { moveStep, outline, placeOf, shown } from '../../../app/static/js/flow/model/outline.js';
import { lengthMs, readLength, writeLength } from '../../../app/static/js/flow/model/lengths.js';
import { applies, isWayOut, liesIn, within } from '../../../app/static/js/flow/panel/refs.js';
import { KINDS } from './kinds.js';

const EXAMPLE = JSON.parse(readFileSync(new URL('../../data/complaint.flow.json', import.meta.url)));
const told = (rows) => rows.map((row) => `${' '.repeat(row.depth)}${row.what === 'node' ? row.id : row.what === 'branch' ? `[${row.port}]` : row.what === 'ref' ? `${row.back ? '<-' : '->'}${row.target}` : row.what}`);

test('every step stands once, whatever the flow', () => {
  const rows = outline(EXAMPLE, KINDS);
  const ids = rows.filter((row) => row.what === 'node').map((row) => row.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual([...ids].sort(), EXAMPLE.nodes.map((node) => node.id).sort());
  assert.equal(new Set(rows.map((row) => row.key)).size, rows.length);
});

test('branches stand below their step, and what follows stands at its level', () => {
  const list = told(outline(EXAMPLE, KINDS));
  const from = list.indexOf('is_hot');
  assert.deepEqual(list.slice(from, from + 5), ['is_hot', ' [hot]', '  fork', '   [b1]', '    n_sup']);
  assert.ok(list.includes('pool') && list.includes('handle') && list.includes('big'), 'the main line is not indented');
  assert.ok(list.includes('  <-pool'), 'a way back names where it leads');
  assert.ok(list.slice(list.indexOf('side')).includes('sla'));
});

test('a closed branch hides what is in it', () => {
  const rows = outline(EXAMPLE, KINDS);
  const few = shown(rows, new Set(['n:is_hot']));
  assert.ok(!few.some((row) => row.id === 'n_sup') && few.some((row) => row.id === 'pool'));
});

test('a row knows where the next step goes', () => {
  const rows = outline(EXAMPLE, KINDS);
  const row = (key) => rows.find((one) => one.key === key);
  assert.deepEqual(placeOf(EXAMPLE, KINDS, row('n:classify')), { edge: 'e4' });
  assert.deepEqual(placeOf(EXAMPLE, KINDS, row('b:is_hot:else')), { edge: 'e6' });
  assert.deepEqual(placeOf(EXAMPLE, KINDS, row('o:auto:none')), { node: 'auto', port: 'none' });
  assert.equal(placeOf(EXAMPLE, KINDS, row('n:end_ok')), null);
  assert.equal(placeOf(EXAMPLE, KINDS, row('n:sla')), null);
});

const LINE = {
  nodes: [['t', 'trigger.public_form'], ['a', 'notify.staff'], ['b', 'notify.staff'], ['z', 'flow.end']].map(([id, type]) => ({ id, type, tv: 1, name: id, config: {} })),
  edges: [['t:out', 'a:in'], ['a:out', 'b:in'], ['b:out', 'z:in']].map(([from, to], at) => ({ id: `e${at}`, from, to })),
};

test('two steps that follow each other change places, and back', () => {
  const up = moveStep(LINE, KINDS, 'b', -1);
  assert.deepEqual(told(outline(up.content, KINDS)), ['t', 'b', 'a', 'z']);
  assert.deepEqual(told(outline(moveStep(up.content, KINDS, 'b', 1).content, KINDS)), ['t', 'a', 'b', 'z']);
  assert.equal(moveStep(LINE, KINDS, 'a', -1), null, 'nothing goes before a start');
  assert.equal(moveStep(LINE, KINDS, 'b', 1), null, 'nothing goes behind an end');
  assert.equal(moveStep(EXAMPLE, KINDS, 'join', -1), null, 'a join stays with its fork');
});

test('an empty, a broken and a circular flow are told too', () => {
  assert.deepEqual(outline({ nodes: [], edges: [] }, KINDS), []);
  const circle = { nodes: LINE.nodes.slice(1, 3), edges: [{ id: 'x', from: 'a:out', to: 'b:in' }, { id: 'y', from: 'b:out', to: 'a:in' }] };
  assert.deepEqual(told(outline(circle, KINDS)), ['loose', 'a', 'b', '<-a']);
  const strange = { nodes: [{ id: 'q', type: 'acme.none', tv: 1, name: 'q' }], edges: [{ id: 'x', from: 'q:out', to: 'gone:in' }] };
  assert.deepEqual(told(outline(strange, KINDS))[1], 'q');
});

test('lengths of time are read as they were written', () => {
  assert.deepEqual(readLength('PT24H'), { n: 24, unit: 'hours' });
  assert.deepEqual(readLength('P3D'), { n: 3, unit: 'days' });
  assert.deepEqual(readLength('PT1H30M'), { n: 90, unit: 'minutes' });
  assert.deepEqual(readLength('PT0M'), { n: 0, unit: 'minutes' });
  assert.equal(readLength('x'), null);
  assert.equal(writeLength(5, 'days'), 'P5D');
  assert.equal(lengthMs('P1W'), 604_800_000);
});

test('a finding finds its setting, a hidden setting does not count', () => {
  assert.deepEqual(within('config.to[0].role'), ['config.to[0].role', 'config.to[0]', 'config.to', 'config']);
  assert.ok(liesIn('config.to[0].role', 'config.to') && !liesIn('config.tone', 'config.to'));
  assert.ok(isWayOut({ portsFrom: 'cases[].port' }, 'config.cases[3].port') && !isWayOut({ portsFrom: null }, 'config.ways[0].attr'));
  const settings = [{ key: 'by', default: 'value' }, { key: 'value', showIf: { by: 'value' } }, { key: 'f', showIf: { by: ['formula', 'both'] } }];
  assert.ok(applies(settings[1], {}, settings) && !applies(settings[2], {}, settings) && applies(settings[2], { by: 'both' }, settings));
});
