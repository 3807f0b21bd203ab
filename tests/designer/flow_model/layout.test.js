// Where everything stands: order, no cards over each other, lines that touch what they tie. Run by tests/designer/test_flow_model.py.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, inside, meeting, nameOf, portsOf, search, walk, ways } from '../../../app/static/js/flow/model/content.js';
import * as edits from '../../../app/static/js/flow/model/edits.js';
import { labelWidth, layout, neighbour } from '../../../app/static/js/flow/model/layout.js';
import { cardSize } from '../../../app/static/js/flow/model/sizes.js';
import { width, wrap } from '../../../app/static/js/flow/model/text.js';
import { COMPLAINT, KINDS, ctx, flow, ofType, random } from './kinds.js';

const lay = (content) => layout(content, KINDS, (id) => cardSize(nameOf(find(content, id), KINDS, 'zh-CN'), '两行说明'));
const overlaps = (one, other) => one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;

function sound(content, laid) {
  const places = [...laid.nodes, ...laid.opens.map((open) => [open.id, open])];
  for (const [id, place] of places) for (const [other, there] of places) assert.ok(id === other || !overlaps(place, there), `${id} lies over ${other}`);
  assert.equal(laid.nodes.size, content.nodes.length);
  for (const edge of content.edges) {
    const { points } = laid.edges.get(edge.id) || assert.fail(`${edge.id} is not drawn`);
    for (let n = 1; n < points.length; n += 1) assert.ok(Math.abs(points[n][0] - points[n - 1][0]) < 1 || Math.abs(points[n][1] - points[n - 1][1]) < 1, `${edge.id} runs aslant`);
    const [source, target] = [laid.nodes.get(edge.from.split(':')[0]), laid.nodes.get(edge.to.split(':')[0])];
    assert.ok(Math.abs(points[0][1] - source.y - source.h) < 1, `${edge.id} begins at its card`);
    const [x, y] = points.at(-1);
    assert.ok(x >= target.x - 1 && x <= target.x + target.w + 1 && y >= target.y - 1 && y <= target.y + target.h, `${edge.id} ends at its card`);
    for (const [id, place] of laid.nodes) {
      for (let n = 1; n < points.length; n += 1) {
        const [[x1, y1], [x2, y2]] = [points[n - 1], points[n]];
        const through = Math.min(x1, x2) < place.x + place.w - 2 && Math.max(x1, x2) > place.x + 2 && Math.min(y1, y2) < place.y + place.h - 2 && Math.max(y1, y2) > place.y + 2;
        assert.ok(!through, `${edge.id} runs through ${id}`);
      }
    }
  }
}

test('the complaint flow: every card beside the others, every line from card to card and through none', () => {
  sound(COMPLAINT, lay(COMPLAINT));
});

test('it is walked deep first, port by port; lines that lead back are known', () => {
  const walked = walk(COMPLAINT, KINDS);
  assert.deepEqual(walked.order.slice(0, 8), ['t_chat', 'classify', 'is_hot', 'fork', 'n_sup', 'join', 'pool', 'handle']);
  assert.deepEqual([...walked.back].sort(), ['e18', 'e22', 'e24', 'e32']);
  assert.equal(walked.order.length, COMPLAINT.nodes.length);
  assert.deepEqual(walked.sides.map((side) => [side.port, ...side.ids]), [['l1', 'sl1'], ['l2', 'sl2'], ['l3', 'sl3']]);
});

test('branches stand in the order of their ports, and stay there when a step is put into any line', () => {
  const row = (laid, ids) => ids.map((id) => laid.nodes.get(id).x);
  const rising = (xs) => xs.every((x, at) => !at || x > xs[at - 1]);
  assert.ok(rising(row(lay(COMPLAINT), ['n_sup', 'n_mgr', 'n_dlv'])));
  for (const edge of COMPLAINT.edges) {
    const { content } = edits.insertOnEdge(COMPLAINT, edge.id, ofType('notify.staff'), { ...ctx, random: random() });
    const laid = lay(content);
    assert.ok(rising(row(laid, ['n_sup', 'n_mgr', 'n_dlv'])), edge.id);
    sound(content, laid);
  }
});

test('what leads back goes up on the right of everything it passes', () => {
  const laid = lay(COMPLAINT);
  for (const id of laid.walked.back) {
    const { points, back } = laid.edges.get(id);
    assert.ok(back);
    const lane = Math.max(...points.map(([x]) => x));
    const ys = points.map(([, y]) => y);
    for (const [node, place] of laid.nodes) if (place.y < Math.max(...ys) && place.y + place.h > Math.min(...ys)) assert.ok(place.x + place.w < lane, `${id} passes left of ${node}`);
  }
});

test('a clock stands to the left of the first step it covers, its side paths below it', () => {
  const laid = lay(COMPLAINT);
  const [clock] = laid.clocks;
  assert.equal(clock.first, 'pool');
  const [sla, pool] = [laid.nodes.get('sla'), laid.nodes.get('pool')];
  assert.ok(sla.x + sla.w < pool.x);
  assert.ok(Math.abs(sla.y + sla.h / 2 - pool.y - pool.h / 2) < 2);
  assert.ok(['sl1', 'sl2', 'sl3'].every((id) => laid.nodes.get(id).y > sla.y + sla.h));
});

test('open ways out have a place of their own; those of side paths are optional', () => {
  const laid = lay(COMPLAINT);
  assert.deepEqual(laid.opens.map((open) => open.id).sort(), ['auto:none', 'sl1:out', 'sl2:out', 'sl3:out']);
  assert.ok(laid.opens.every((open) => open.optional));
  assert.equal(lay(flow({ t: 'trigger.public_form' }, [])).opens[0].optional, false);
});

test('half made flows are laid out as well: nothing, loose steps, a circle, a clock that covers nothing, unknown types', () => {
  assert.deepEqual(lay({ nodes: [], edges: [] }).box, { x: 0, y: 0, w: 0, h: 0 });
  const odd = flow({ a: 'task.handle', b: 'notify.staff', c: 'timer.sla', d: 'acme.sms' }, ['a:done>b', 'b>a', 'd:sent>b', 'c:l1>gone']);
  const laid = lay(odd);
  assert.equal(laid.nodes.size, 4);
  assert.deepEqual(ways(odd, KINDS, 'd').map((way) => way.port), ['sent']);
});

test('three hundred steps have a place each; how fast is measured by the benchmark of the canvas', () => {
  let content = COMPLAINT;
  for (let n = 0; content.nodes.length < 300; n += 1) content = edits.insertOnEdge(content, content.edges[n % content.edges.length].id, ofType(n % 5 ? 'notify.staff' : 'branch.condition'), { ...ctx, random: random(n + 1) }).content;
  const { nodes } = lay(content);
  assert.equal(nodes.size, content.nodes.length);
  assert.equal(new Set([...nodes.values()].map(({ x, y }) => `${x}|${y}`)).size, nodes.size);
});

test('arrow keys walk along the flow', () => {
  const laid = lay(COMPLAINT);
  const go = (id, key) => neighbour(laid, COMPLAINT, id, key);
  assert.equal(go('classify', 'ArrowDown'), 'is_hot');
  assert.equal(go('is_hot', 'ArrowUp'), 'classify');
  assert.equal(go('n_mgr', 'ArrowRight'), 'n_dlv');
  assert.equal(go('n_mgr', 'ArrowLeft'), 'n_sup');
  assert.equal(go('end_ok', 'ArrowDown'), null);
  assert.equal(go(undefined, 'ArrowDown'), 't_chat');
});

test('where branches meet, what a block holds, and how ways out are called', () => {
  assert.equal(meeting(COMPLAINT, KINDS, 'big'), 'pay');
  assert.equal(meeting(COMPLAINT, KINDS, 'is_hot'), 'pool');
  assert.deepEqual(inside(COMPLAINT, KINDS, 'fork').sort(), ['n_dlv', 'n_mgr', 'n_sup']);
  assert.deepEqual(portsOf(find(COMPLAINT, 'is_hot'), ofType('branch.condition')).map((port) => port.label), ['重大投诉', '普通客诉']);
});

test('steps are found by name, by what they do, and by their line', () => {
  assert.deepEqual(search(COMPLAINT, KINDS, '升级', 'zh-CN'), ['sl2', 'sl3']);
  assert.deepEqual(search(COMPLAINT, KINDS, 'approval', 'zh-CN'), ['approve']);
  assert.deepEqual(search(COMPLAINT, KINDS, '五次', 'zh-CN', { pay: '失败重试五次' }), ['pay']);
  assert.deepEqual(search(COMPLAINT, KINDS, ' ', 'zh-CN'), []);
});

test('Chinese text wraps by the letter, Latin by the word, and what is left over ends in dots', () => {
  assert.equal(width('客诉', 14), 28);
  assert.deepEqual(wrap('公众号菜单我的订单投诉', 100, 14, 3), ['公众号菜单我的', '订单投诉']);
  assert.deepEqual(wrap('wait for the customer', 80, 14, 3), ['wait for the', 'customer']);
  const [one, two] = wrap('客'.repeat(40), 140, 14, 2);
  assert.equal(one.length, 10);
  assert.ok(two.endsWith('…') && width(two, 14) <= 140);
  assert.deepEqual(wrap('', 100, 14), ['']);
});

test('the words at many ways out stand in two lines and meet nobody', () => {
  const actions = ['转交售后', '退回抢单池', '升级给主管', '请客户补充', '结案'].map((label, n) => ({ port: `a${n}`, label }));
  const content = flow({ t: 'trigger.public_form', h: 'task.handle', e: 'flow.end' }, ['t>h', ...actions.map(({ port }) => `h:${port}>e`)], { h: { config: { actions } } });
  const laid = lay(content);
  const labels = content.edges.slice(1).map((edge, n) => ({ ...laid.edges.get(edge.id).label, w: labelWidth(actions[n].label, laid.edges.get(edge.id).label.room) }));
  const boxes = labels.map(({ x, y, w }) => ({ x: x - w / 2, y, w, h: 20 }));
  boxes.forEach((one, n) => boxes.slice(n + 1).forEach((other) => assert.ok(!overlaps(one, other))));
  assert.ok(laid.edges.get('e2').plus.y > Math.max(...labels.map(({ y }) => y)) + 20);
});
