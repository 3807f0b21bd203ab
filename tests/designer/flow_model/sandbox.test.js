// The sandbox's pure part: lengths of time, recording and taking back, and what the canvas shows of a played scenario.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as model from '../../../app/static/js/flow/sandbox/model.js';

const MINUTE = 60_000;
const CONTENT = { edges: [{ id: 'e1', from: 't:out', to: 'a:in' }, { id: 'e2', from: 'a:yes', to: 'b:in' }, { id: 'e3', from: 'a:no', to: 'c:in' }, { id: 'e4', from: 'sla:l1', to: 'n:in' }] };
const EVENTS = [
  { kind: 'node.entered', node: 't', token: '1', t: 0 },
  { kind: 'node.left', node: 't', token: '1', port: 'out', edge: 'e1', t: 0 },
  { kind: 'node.entered', node: 'a', token: '1', t: 0 },
  { kind: 'task.opened', node: 'a', token: '1', t: 0, delta: { assignee: 'p1' } },
  { kind: 'timer.fired', node: 'sla', port: 'l1', t: 5, actor: { type: 'timer' } },
  { kind: 'task.done', node: 'a', token: '1', port: 'yes', t: 9, actor: { type: 'person', id: 'p1' } },
  { kind: 'node.left', node: 'a', token: '1', port: 'yes', edge: 'e2', t: 9 },
  { kind: 'node.entered', node: 'b', token: '1', t: 9 },
];

test('lengths of time are read and written as scenarios write them', () => {
  for (const [text, ms] of [['PT0S', 0], ['PT10M', 10 * MINUTE], ['P1DT2H', 26 * 60 * MINUTE], ['PT1H30S', 60 * MINUTE + 30_000]]) {
    assert.equal(model.lengthOf(text), ms);
    assert.equal(model.iso(ms), text);
  }
  assert.equal(model.lengthOf('P1W'), 7 * 24 * 60 * MINUTE);
  assert.equal(model.lengthOf('soon'), 0);
  assert.equal(model.iso(1), 'PT1S');
});

test('what somebody does is counted from the step before, also after the clock ran on', () => {
  const first = model.record({ script: [] }, { as: 'a1', do: 'claim', node: 'pool' }, 0, 5 * MINUTE);
  assert.deepEqual(first.script, [{ after: 'PT5M', as: 'a1', do: 'claim', node: 'pool' }]);
  const later = model.waited(first, 65 * MINUTE);
  assert.equal(later.until, 'PT1H5M');
  const second = model.record(later, { as: 'a1', do: 'submit' }, 65 * MINUTE, 10 * MINUTE);
  assert.deepEqual(second.script[1], { after: 'PT1H10M', as: 'a1', do: 'submit' });
  assert.equal(second.until, undefined);
  assert.equal(model.recorded(second), 75 * MINUTE);
});

test('taking back: first the time that went by, then the last step', () => {
  const done = model.waited(model.record({ script: [] }, { do: 'claim' }, 0), MINUTE);
  assert.ok(model.hasDone(done));
  const once = model.undone(done);
  assert.equal(once.until, undefined);
  assert.equal(once.script.length, 1);
  assert.ok(!model.hasDone(model.undone(once)));
});

test('the path is lit as far as it is shown, and where the ticket stands says what it waits for', () => {
  const waits = (event) => (event ? `waits for ${event.delta.assignee}` : '');
  const half = model.litAt(CONTENT, EVENTS, 4, waits);
  assert.deepEqual([half.nodes, [...half.edges], half.active], [{ t: 1, a: 1 }, ['e1'], { a: 'waits for p1' }]);
  const all = model.litAt(CONTENT, EVENTS, EVENTS.length, waits);
  assert.deepEqual(all.nodes, { t: 1, a: 1, sla: 1, b: 1 });
  assert.deepEqual([...all.edges], ['e1', 'e4', 'e2']);
  assert.deepEqual(Object.keys(all.active), ['b']);
});

test('steps and waits: on, back, and to where it next stands still', () => {
  assert.equal(model.nextStep(EVENTS, 0), 1);
  assert.equal(model.nextStep(EVENTS, 1), 3);
  assert.equal(model.nextStep(EVENTS, 8), 8);
  assert.equal(model.lastStep(EVENTS, 3), 1);
  assert.equal(model.lastStep(EVENTS, 0), 0);
  assert.equal(model.nextWait(EVENTS, 0), 4);
  assert.equal(model.nextWait(EVENTS, 4), 5);
  assert.equal(model.nextWait(EVENTS, 5), 8);
});

test('ways out that nothing takes are named', () => {
  const lit = model.covered(CONTENT, { 't:out': 2, 'a:yes': 1, 'a:no': 0, 'sla:l1': 0 }, 'never');
  assert.deepEqual(lit.ports, { 'a:no': 'never', 'sla:l1': 'never' });
  assert.deepEqual([...lit.edges], ['e1', 'e2']);
  assert.deepEqual(Object.keys(lit.nodes), ['t', 'a', 'b']);
});

test('samples fill in only what is required and missing; empty answers are not sent', () => {
  const fields = [{ id: 'f_a', required: true, sample: { value: '1' } }, { id: 'f_b', required: false, sample: { value: '2' } }, { id: 'f_c', required: true, sample: { value: '3' } }];
  assert.deepEqual(model.filled(fields, { f_c: '9' }), { f_a: '1', f_c: '9' });
  assert.deepEqual(model.given(fields, { f_a: '1', f_b: '', other: 'x' }), { f_a: '1' });
});

test('a part of an expectation can be left out', () => {
  const expect = { status: 'closed', vars: { a: 1, b: 2 }, fired: ['x:l1', 'x:l2'] };
  assert.deepEqual(model.without(expect, 'status', null), { vars: { a: 1, b: 2 }, fired: ['x:l1', 'x:l2'] });
  assert.deepEqual(model.without(expect, 'vars', 'a').vars, { b: 2 });
  assert.deepEqual(model.without(expect, 'fired', 0).fired, ['x:l2']);
  assert.equal('vars' in model.without(model.without(expect, 'vars', 'a'), 'vars', 'b'), false);
});

test('names do not repeat', () => {
  assert.equal(model.freeName(['a', 'a 2'], 'a'), 'a 3');
  assert.equal(model.freeName([], 'a'), 'a');
});

test('scenarios of another file stand behind those that are there, under free names and with whom they are played', () => {
  const brought = [{ name: 'a', script: [] }, { name: 'b', org: 'company' }];
  assert.deepEqual(model.joined({ schema: 's', scenarios: [] }, brought, { tz: 'x' }), { scenarios: brought, org: { tz: 'x' } });
  assert.deepEqual(model.joined({ scenarios: [{ name: 'a' }] }, brought, { tz: 'x' }), { scenarios: [{ name: 'a' }, { name: 'a 2', script: [], org: { tz: 'x' } }, brought[1]] });
  assert.deepEqual(model.joined({ scenarios: [{ name: 'c' }], org: { tz: 'y' } }, brought, null).scenarios.slice(1), brought);
  assert.equal(model.parsed('{"a":1'), null);
  assert.deepEqual(model.parsed('{"a":1}'), { a: 1 });
});

test('an opinion is waited for until it is given, and what was taken back stands where it stood', () => {
  const waits = (event) => (event ? event.delta.assignee : '');
  const events = [
    { kind: 'node.entered', node: 'a', token: '1', t: 0 },
    { kind: 'task.opened', node: 'a', token: '1', t: 0, delta: { task: 'a:1', kind: 'handle', assignee: 'p1' } },
    { kind: 'task.assigned', node: 'a', token: '1', t: 1, delta: { task: 'a:1', to: 'p2' } },
    { kind: 'task.opened', node: 'a', token: '1', t: 2, delta: { task: 'a:1:s1', kind: 'sign', assignee: 'p3' } },
    { kind: 'sign.given', node: 'a', token: '1', t: 3, delta: { task: 'a:1:s1', asks: 'a:1', action: 'agree' } },
    { kind: 'node.left', node: 'a', token: '1', port: 'yes', edge: 'e2', t: 4 },
    { kind: 'node.entered', node: 'b', token: '1', t: 4 },
    { kind: 'task.recalled', node: 'a', token: '1', t: 5, delta: { task: 'a:1' } },
  ];
  const at = (count) => model.litAt(CONTENT, events, count, waits).active;
  assert.deepEqual([at(3), at(4), at(5)], [{ a: 'p2' }, { a: 'p3' }, { a: 'p2' }]);
  assert.deepEqual([Object.keys(at(7)), Object.keys(at(8))], [['b'], ['a']]);
  assert.deepEqual(model.story(events).map((line) => line.shown), [1, 3, 4, 5, 7, 8]);
});
