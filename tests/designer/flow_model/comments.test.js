// What cards and lists show of comments.
import assert from 'node:assert/strict';
import test from 'node:test';
import { grouped, openFirst, readUpto, tally } from '../../../app/static/js/flow/comments/model.js';
import { newId } from '../../../app/static/js/flow/comments/talk.js';

const said = (text, at, unread = false) => ({ id: text, text, at, unread });
const thread = (id, step, comments, resolved = null) => ({ id, step, name: `was ${step}`, resolved, comments });
const DONE = { by: 'x', at: 9 };
const THREADS = [
  thread('a', 'pool', [said('one', 1), said('two', 2, true)]),
  thread('b', '', [said('', 3), said('three', 4, true)]),
  thread('c', 'gone', [said('four', 5, true)]),
  thread('d', 'pool', [said('five', 6, true)], DONE),
  thread('e', 'pool', [said('six', 7)]),
];

test('open threads and their unread comments are counted, resolved ones are not', () => {
  assert.deepEqual(tally(THREADS, 'pool'), { open: 2, unread: 1 });
  assert.deepEqual(tally(THREADS, ''), { open: 1, unread: 1 });
  assert.deepEqual(tally(THREADS), { open: 4, unread: 3 });
  assert.deepEqual(tally(THREADS, 'elsewhere'), { open: 0, unread: 0 });
  assert.deepEqual(tally(null, 'pool'), { open: 0, unread: 0 });
});

test('groups stand in the order of the flow, the whole of it first, steps that are gone last', () => {
  const groups = grouped(THREADS, ['start', 'pool']);
  assert.deepEqual(groups.map((one) => [one.step, one.gone, one.threads.map((each) => each.id)]), [['', false, ['b']], ['pool', false, ['a', 'e']], ['gone', true, ['c']]]);
  assert.equal(groups[2].name, 'was gone');
  assert.deepEqual(grouped(THREADS, ['pool'], true).map((one) => one.threads.map((each) => each.id)), [['d']]);
});

test('what is read is all that was told, and nothing where nothing is new', () => {
  assert.equal(readUpto(THREADS.slice(0, 1)), 2);
  assert.equal(readUpto([THREADS[4]]), 0);
});

test('resolved threads come last', () => assert.deepEqual(openFirst(THREADS).map((one) => one.id), ['a', 'b', 'c', 'e', 'd']));

test('an id is one that the server takes', () => {
  assert.match(newId(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.notEqual(newId(), newId());
});
