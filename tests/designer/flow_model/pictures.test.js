// Two versions on one canvas, and the picture to take away. Run by tests/designer/test_flow_model.py.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merged } from '../../../app/static/js/flow/model/compare.js';
import { find, nameOf } from '../../../app/static/js/flow/model/content.js';
import * as edits from '../../../app/static/js/flow/model/edits.js';
import { layout } from '../../../app/static/js/flow/model/layout.js';
import { arrow, path, simple } from '../../../app/static/js/flow/model/route.js';
import { cardSize } from '../../../app/static/js/flow/model/sizes.js';
import { drawn } from '../../../app/static/js/flow/model/svg.js';
import { COMPLAINT, KINDS, ctx, ofType, random } from './kinds.js';

const size = (content) => (id) => cardSize(nameOf(find(content, id), KINDS, 'zh-CN'), '');
const lay = (content) => layout(content, KINDS, size(content));

test('nothing differs from itself, whatever its layout', () => {
  const { nodes, edges, counts } = merged(COMPLAINT, edits.move(COMPLAINT, { pool: { x: 1, y: 2 } }));
  assert.equal(nodes.size + edges.size, 0);
  assert.deepEqual(counts, { added: 0, removed: 0, changed: 0, lines: 0 });
});

test('what was added, removed and changed stands on one canvas, every line of both drawn', () => {
  const put = edits.insertOnEdge(COMPLAINT, 'e4', ofType('task.approval'), { ...ctx, random: random() });
  const now = edits.rename(edits.remove(put.content, ['n_dlv'], KINDS).content, 'n_mgr', '通知店长');
  const both = merged(COMPLAINT, now);
  assert.deepEqual(Object.fromEntries(both.nodes), { [put.select[0]]: 'added', n_mgr: 'changed', n_dlv: 'removed' });
  assert.deepEqual(both.counts, { added: 1, removed: 1, changed: 1, lines: both.edges.size });
  assert.ok(both.edges.size >= 5);
  const laid = lay(both.content);
  assert.equal(laid.nodes.size, COMPLAINT.nodes.length + 1);
  for (const [id, mark] of both.edges) assert.ok(laid.edges.has(id), `${mark} ${id} is not drawn`);
});

test('the picture holds every name and line in colours that need no style sheet, and is well formed', () => {
  const laid = lay(COMPLAINT);
  const cards = COMPLAINT.nodes.map((node) => ({ id: node.id, ...cardSize(node.name, '一 & 二 <三>'), tone: 'brand', drawing: 'M0 0h1' }));
  const lines = COMPLAINT.edges.map((edge) => ({ id: edge.id, label: edge.id === 'e19' ? '> 50000 & "x"' : '' }));
  const { svg, w, h } = drawn(laid, { cards, lines, colors: { bg: '#fff', card: '#fff', line: '#eee', ink: '#111', sub: '#555', stroke: '#888', brand: '#15f', teal: '#077' }, title: 'A & B' });
  assert.ok(w > 500 && h > 1500 && svg.length < 60_000);
  for (const node of COMPLAINT.nodes) assert.ok(svg.includes(cardSize(node.name, '').name[0]), node.name);
  assert.equal((svg.match(/<path [^>]*fill="none" stroke="#888"/g) || []).length, COMPLAINT.edges.length);
  assert.ok(!/undefined|NaN|&(?!amp;|lt;|gt;|quot;)/.test(svg));
  assert.equal((svg.match(/<(g|svg|text|title)[ >]/g) || []).length, (svg.match(/<\/(g|svg|text|title)>/g) || []).length);
});

test('a course turns with rounded corners and ends in an arrow that points along it', () => {
  assert.equal(path([[0, 0], [0, 40], [100, 40], [100, 80]]), 'M0 0L0 32Q0 40 8 40L92 40Q100 40 100 48L100 80');
  assert.equal(path([[0, 0], [0, 0], [0, 50]]), 'M0 0L0 50');
  assert.equal(arrow([[0, 0], [0, 50]]), 'M0 50L-4.5 42L4.5 42Z');
  assert.equal(simple(0, 0, 50, 100).length, 4);
  assert.ok(Math.max(...simple(0, 100, 50, 0).map(([x]) => x)) > 50); // what leads back goes around
});
