// Changes to a flow: what a + inserts, what a deletion leaves, what copies carry. Run by tests/designer/test_flow_model.py.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copied, paste, readCopied } from '../../../app/static/js/flow/model/clipboard.js';
import { beginnings, find, index, reached, ways } from '../../../app/static/js/flow/model/content.js';
import * as edits from '../../../app/static/js/flow/model/edits.js';
import { portId } from '../../../app/static/js/flow/model/ids.js';
import { COMPLAINT, KINDS, ctx, flow, frozen, lines, ofType, random } from './kinds.js';

const LINE = flow({ t: 'trigger.public_form', a: 'task.handle', end: 'flow.end' }, ['t>a', 'a:done>end']);
const last = (content) => content.nodes[content.nodes.length - 1];

test('on a line a step goes in between, at an open way out behind it', () => {
  const made = edits.insertOnEdge(LINE, 'e1', ofType('notify.staff'), ctx);
  const [id] = made.select;
  assert.match(id, /^staff_[a-z0-9]{4}$/);
  assert.deepEqual(lines(made.content), [`a:done>end`, `${id}:out>a`, `t:out>${id}`].sort());
  assert.equal(find(made.content, 'a'), find(LINE, 'a')); // what is not changed is the very same object
  const open = flow({ t: 'trigger.public_form' }, []);
  const behind = edits.insertAtPort(open, 't', 'out', ofType('flow.end'), ctx);
  assert.deepEqual(lines(behind.content), [`t:out>${behind.select[0]}`]);
});

test('an approval goes on where it is approved; its other way out is left open', () => {
  const { content, select: [id] } = edits.insertOnEdge(LINE, 'e2', ofType('task.approval'), ctx);
  assert.deepEqual(lines(content), [`a:done>${id}`, `${id}:approved>end`, 't:out>a'].sort());
  assert.deepEqual(ways(content, KINDS, id).filter((way) => !way.edge).map((way) => way.port), ['rejected']);
});

test('a parallel step brings its join, each knowing the other, a condition leads all its cases on', () => {
  const { content, select: [fork] } = edits.insertOnEdge(LINE, 'e2', ofType('branch.parallel'), ctx);
  const join = last(content).id;
  assert.equal(find(content, fork).config.join, join);
  assert.equal(find(content, join).config.fork, fork);
  assert.deepEqual(lines(content), ['t:out>a', `a:done>${fork}`, `${fork}:b1>${join}`, `${fork}:b2>${join}`, `${join}:out>end`].sort());
  const branch = edits.insertOnEdge(LINE, 'e2', ofType('branch.condition'), ctx);
  const [id] = branch.select;
  assert.deepEqual(lines(branch.content), ['t:out>a', `a:done>${id}`, `${id}:c1>end`, `${id}:else>end`].sort());
});

test('new steps do not share settings with the catalogue', () => {
  const { content, select: [id] } = edits.insertOnEdge(LINE, 'e2', ofType('branch.condition'), ctx);
  assert.notEqual(find(content, id).config.cases, ofType('branch.condition').starter.cases);
});

test('one more beginning leads where the first one leads; a clock covers what it is put behind, else every task', () => {
  const start = edits.insert(LINE, ofType('trigger.chat_sidebar'), null, ctx);
  assert.ok(lines(start.content).includes(`${start.select[0]}:out>a`));
  assert.deepEqual(start.content.nodes.map((node) => node.type).slice(0, 2), ['trigger.public_form', 'trigger.chat_sidebar']);
  const near = edits.insert(LINE, ofType('timer.sla'), { edge: 'e2' }, ctx);
  assert.deepEqual(last(near.content).attach, ['a']);
  assert.deepEqual(lines(near.content), lines(LINE));
  const two = edits.insertOnEdge(LINE, 'e2', ofType('task.approval'), ctx).content;
  assert.equal(last(edits.insert(two, ofType('timer.sla'), null, ctx).content).attach.length, 2);
});

test('an end may stand on a line only where what came after it is still reached', () => {
  assert.equal(edits.mayEnd(LINE, KINDS, { edge: 'e2' }), false);
  assert.equal(edits.mayEnd(LINE, KINDS, { node: 'a', port: 'x' }), true);
  assert.equal(edits.mayEnd(COMPLAINT, KINDS, { edge: 'e22' }), true); // approve:rejected → handle
});

test('a line closes over a deleted step', () => {
  const { content, removed } = edits.remove(edits.insertOnEdge(LINE, 'e1', ofType('notify.staff'), ctx).content, ['a'], KINDS);
  assert.deepEqual(removed, ['a']);
  assert.equal(content.nodes.length, 3);
  assert.ok(lines(content).some((line) => line.endsWith('>end')));
});

test('deleting a branch takes along what only it led to, and goes on where its cases meet', () => {
  const { content, removed } = edits.remove(COMPLAINT, ['big'], KINDS);
  assert.deepEqual(removed.sort(), ['approve', 'big']);
  assert.ok(lines(content).includes('handle:submit>pay'));
  assert.deepEqual(find(content, 'sla').attach, ['pool', 'handle']);
});

test('a fork goes with its join and all between them, whichever half is deleted', () => {
  for (const half of ['fork', 'join']) {
    const { content, removed } = edits.remove(COMPLAINT, [half], KINDS);
    assert.deepEqual(removed.sort(), ['fork', 'join', 'n_dlv', 'n_mgr', 'n_sup']);
    assert.ok(lines(content).includes('is_hot:hot>pool'));
  }
});

test('a deleted clock takes its side paths; a deleted beginning takes nothing', () => {
  assert.deepEqual(edits.remove(COMPLAINT, ['sla'], KINDS).removed.sort(), ['sl1', 'sl2', 'sl3', 'sla']);
  const { content, removed } = edits.remove(LINE, ['t'], KINDS);
  assert.deepEqual(removed, ['t']);
  assert.equal(content.nodes.length, 2);
});

test('every single deletion leaves lines that are tied at both ends, one a way out, and nothing new out of reach', () => {
  const before = reached(COMPLAINT, KINDS, beginnings(COMPLAINT, KINDS));
  for (const { id } of COMPLAINT.nodes) {
    const { content, removed } = edits.remove(COMPLAINT, [id], KINDS);
    const ids = new Set(content.nodes.map((node) => node.id));
    assert.equal(ids.size + removed.length, COMPLAINT.nodes.length, id);
    for (const edge of content.edges) assert.ok(ids.has(edge.from.split(':')[0]) && ids.has(edge.to.split(':')[0]), id);
    assert.equal(new Set(content.edges.map((edge) => edge.from)).size, content.edges.length, id);
    const still = reached(content, KINDS, beginnings(content, KINDS));
    assert.deepEqual([...ids].filter((one) => before.has(one) && !still.has(one)), [], id);
  }
});

test('a line may not lead into a beginning, a clock, its own step, or from a way out that is taken', () => {
  assert.equal(edits.refusal(COMPLAINT, KINDS, 'auto', 'none', 't_chat'), 'no_into_start');
  assert.equal(edits.refusal(COMPLAINT, KINDS, 'auto', 'none', 'sla'), 'no_into_clock');
  assert.equal(edits.refusal(COMPLAINT, KINDS, 'auto', 'none', 'auto'), 'no_into_itself');
  assert.equal(edits.refusal(COMPLAINT, KINDS, 'auto', 'out', 'pool'), 'no_taken');
  assert.equal(edits.refusal(COMPLAINT, KINDS, 'auto', 'out', 'pool', 'e16'), ''); // its own line is led elsewhere
  assert.equal(edits.refusal(COMPLAINT, KINDS, 'auto', 'none', 'pool'), '');
  assert.ok(lines(edits.connect(COMPLAINT, 'auto', 'none', 'pool')).includes('auto:none>pool'));
  assert.ok(lines(edits.reconnect(COMPLAINT, 'e16', 'pool')).includes('auto:out>pool'));
  assert.equal(edits.disconnect(COMPLAINT, 'e16').edges.length, COMPLAINT.edges.length - 1);
});

test('settings are set by path; undefined takes away', () => {
  const set = (path, value) => find(edits.setConfig(COMPLAINT, 'big', path, value), 'big').config;
  assert.equal(set('cases[0].label', '大额').cases[0].label, '大额');
  assert.equal(set(['cases', '0', 'when', 'all', '0', 'value'], '9').cases[0].when.all[0].value, '9');
  assert.equal('else_label' in set('else_label', undefined), false);
  assert.equal(set('cases[0]', undefined).cases.length, 0);
  assert.equal(edits.setConfig(COMPLAINT, 'gone', 'x', 1), COMPLAINT);
});

test('lines follow the ways out that settings make', () => {
  const more = [...find(COMPLAINT, 'fork').config.branches, { port: 'b4', label: '第四方' }];
  assert.ok(lines(edits.setConfig(COMPLAINT, 'fork', 'branches', more, KINDS)).includes('fork:b4>join'));
  const fewer = edits.setConfig(COMPLAINT, 'fork', 'branches', more.slice(0, 2), KINDS);
  assert.equal(find(fewer, 'n_dlv'), null); // nothing else led there
  assert.equal(find(fewer, 'join').id, 'join');
  const cases = [...find(COMPLAINT, 'big').config.cases, { port: 'c9', label: '中等' }];
  assert.ok(lines(edits.setConfig(COMPLAINT, 'big', 'cases', cases, KINDS)).includes('big:c9>pay'));
  assert.equal(portId([{ port: 'c1' }, { port: 'c3' }], 'port', 'c'), 'c4');
  assert.equal(portId([{ port: 'c2' }], 'port', 'c'), 'c3');
});

test('dragged steps are pinned; tidying up frees the others only', () => {
  const moved = edits.move(COMPLAINT, { pool: { x: 10.6, y: -3.2 } });
  assert.deepEqual(moved.layout.pos.pool, { x: 11, y: -3 });
  assert.deepEqual(moved.layout.pinned, ['pool']);
  const kept = edits.freeze(moved, new Map([['pool', { x: 0, y: 0 }], ['auto', { x: 5, y: 5 }], ['+start', { x: 1, y: 1 }]]));
  assert.deepEqual(kept.layout.pos, { auto: { x: 5, y: 5 }, pool: { x: 11, y: -3 } });
  assert.deepEqual(edits.tidy(kept).layout.pos, { pool: { x: 11, y: -3 } });
  assert.equal(edits.tidy(moved), moved);
  assert.deepEqual(edits.unpin(moved, ['pool']).layout.pos, {});
  assert.deepEqual(edits.remove(moved, ['pool'], KINDS).content.layout.pinned, []);
});

test('a copy of a block stands behind it, tied within and covered by the same clock', () => {
  const { content, select } = edits.duplicate(COMPLAINT, ['fork'], { ...ctx, random: random() });
  assert.equal(select.length, 5);
  const fork = select.map((id) => find(content, id)).find((node) => node.type === 'branch.parallel');
  const join = find(content, fork.config.join);
  assert.equal(join.config.fork, fork.id);
  assert.ok(lines(content).includes(`join:out>${fork.id}`));
  assert.ok(lines(content).includes(`${join.id}:out>pool`));
  const handle = edits.duplicate(COMPLAINT, ['handle'], { ...ctx, random: random() });
  assert.ok(find(handle.content, 'sla').attach.includes(handle.select[0]));
});

test('steps go to another flow: new ids, their own lines, the variables they use, nothing of what stays behind', () => {
  const text = copied(COMPLAINT, KINDS, ['is_hot', 'fork', 'sla', 'pool']);
  const found = readCopied(text);
  const made = paste(LINE, found, { edge: 'e2' }, { ...ctx, random: random() });
  const ids = new Set(made.content.nodes.map((node) => node.id));
  assert.equal(ids.size, LINE.nodes.length + 8);
  assert.ok(made.select.every((id) => !find(COMPLAINT, id)));
  assert.deepEqual(made.content.vars.map((one) => one.key), ['priority']);
  const clock = made.select.map((id) => find(made.content, id)).find((node) => node.attach);
  const pool = made.select.map((id) => find(made.content, id)).find((node) => node.type === 'task.claim');
  assert.deepEqual(clock.attach, [pool.id]); // handle and approve were not copied
  for (const edge of made.content.edges) assert.ok(ids.has(edge.from.split(':')[0]) && ids.has(edge.to.split(':')[0]));
  const first = made.select.map((id) => find(made.content, id)).find((node) => node.type === 'branch.condition');
  assert.equal(index(made.content).edges.get('e2').to, `${first.id}:in`);
  assert.ok(lines(made.content).includes(`${pool.id}:claimed>end`));
});

test('a clipboard is judged before it is used', () => {
  const good = JSON.parse(copied(COMPLAINT, KINDS, ['pay']));
  const text = (changes) => JSON.stringify({ ...good, ...changes });
  assert.equal(readCopied('danflow/steps/1'), null);
  assert.equal(readCopied('{}'), null);
  assert.equal(readCopied(text({ nodes: [] })), null);
  assert.equal(readCopied(text({ nodes: [{ id: 1, type: 'x' }] })), null);
  assert.equal(readCopied(text({ nodes: [...good.nodes, ...good.nodes] })), null); // one id twice
  assert.equal(readCopied(`${' '.repeat(1_000_001)}${text({})}`), null);
  assert.deepEqual(readCopied(text({ edges: [{ from: 'pay:out', to: 'elsewhere:in' }, 7] })).edges, []);
  assert.equal('evil' in readCopied(text({ nodes: [{ ...good.nodes[0], evil: 1 }] })).nodes[0], false);
});

test('what is put together by hand and deleted again is what it was', () => {
  const made = edits.insertOnEdge(LINE, 'e2', ofType('branch.parallel'), { ...ctx, random: random() });
  const back = edits.remove(made.content, [made.select[0]], KINDS).content;
  assert.deepEqual(lines(back), lines(LINE));
  assert.deepEqual(back.nodes, LINE.nodes);
  assert.ok(frozen(back));
});
