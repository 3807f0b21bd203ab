// Where everything stands in the guided view. dagre says in which row and column a step goes; rows' heights, lines, lanes and
// clocks are ours. The only file that knows dagre.
//
// Order is kept by giving dagre the steps deep first, port by port, without lines that lead back, and with its own reordering
// off. Lines run down from a way out, along a track between two rows, and down into the next step; lines that lead back go
// up a lane on the right. A clock stands to the left of the first step it covers, its side paths below it.
import { Graph, layout as dagre } from '@dagrejs/dagre';
import { coverage, index, walk, ways } from './content.js';
import { CARD } from './sizes.js';
import { width } from './text.js';

const BESIDE = 44; // between two cards of a row
const LABEL = 26; // room for the words at a way out
const PLUS = 34; // and for its plus
const TRACK = 12;
const ARROW = 22;
const LANE = 18;
const STAGGER = 20; // words at many ways out stand in two lines
const OPEN = { w: 96, h: 34 };
const SMALL = 24; // how high one is that may stay open
const STEP = 40; // how far a clock's side path is set in
const APART = 56;

export const openId = (node, port) => `${node}:${port}`;

/** Where each way out of a card begins, from its left edge. */
export const portX = (count, at, w = CARD) => (count === 1 ? w / 2 : Math.round((w * (at + 1)) / (count + 1)));

/** Ways out of a node that are drawn: [{port, label, optional, edge, target, x}]. */
function drawn(content, kinds, id) {
  const all = ways(content, kinds, id);
  return all.map((way, at) => ({ ...way, x: portX(all.length, at) }));
}

/** Everything's place. `sizeOf(id)` → {w, h}. Gives {nodes: id → {x, y, w, h}, opens: [{id, node, port, x, y, …}],
    edges: edge id → {points, label: {x, y}, plus: {x, y}, back}, clocks: [{id, covers, points}], ports: id → ways, box, walked}. */
export function layout(content, kinds, sizeOf) {
  const walked = walk(content, kinds);
  const ports = new Map(walked.order.map((id) => [id, drawn(content, kinds, id)]));
  const part = { content, ports, sizeOf, back: walked.back };
  const out = block(part, walked.main);
  const clocks = [];
  const covers = coverage(content);
  for (const id of walked.clocks) clocks.push(besideFirst(part, out, id, walked, covers));
  return { ...out, clocks, ports, walked, box: boxOf(out) };
}

function boxOf(out) {
  const xs = [];
  const ys = [];
  for (const place of [...out.nodes.values(), ...out.opens]) {
    xs.push(place.x, place.x + place.w);
    ys.push(place.y, place.y + place.h);
  }
  for (const { points } of out.edges.values()) for (const [x, y] of points) {
    xs.push(x);
    ys.push(y);
  }
  if (!xs.length) return { x: 0, y: 0, w: 0, h: 0 };
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y };
}

/** Rows and columns of some steps, from dagre: {rows: [[{id, x, w, h}]], at: id → {row, x, w, h}, between: edge id → x of each row it passes}. */
function rowsOf({ ports, sizeOf, back }, ids, ends) {
  const here = new Set(ids);
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: BESIDE, ranksep: 40, edgesep: 28 });
  graph.setDefaultEdgeLabel(() => ({}));
  const lines = [];
  for (const id of ids) {
    const { w, h } = sizeOf(id);
    graph.setNode(id, { width: w, height: h });
  }
  for (const id of ids) {
    for (const way of ports.get(id)) {
      if (!way.edge || !way.target) {
        if (way.stray) continue;
        const open = openId(id, way.port);
        graph.setNode(open, { width: OPEN.w, height: way.optional || ends ? SMALL : OPEN.h });
        graph.setEdge(id, open, {}, open);
        lines.push({ key: open, source: id, target: open, way });
      } else if (here.has(way.target) && !back.has(way.edge.id)) {
        graph.setEdge(id, way.target, {}, way.edge.id);
        lines.push({ key: way.edge.id, source: id, target: way.target, way });
      }
    }
  }
  dagre(graph, { disableOptimalOrderHeuristic: true });
  const heights = [...new Set(graph.nodes().map((id) => Math.round(graph.node(id).y)))].sort((one, other) => one - other);
  const rows = heights.map(() => []);
  const at = new Map();
  for (const id of graph.nodes()) {
    const { x, y, width: w, height: h } = graph.node(id);
    const row = heights.indexOf(Math.round(y));
    const one = { id, row, x: Math.round(x - w / 2), w, h };
    at.set(id, one);
    rows[row].push(one);
  }
  const between = new Map();
  for (const line of lines) {
    const { points } = graph.edge(line.source, line.target, line.key);
    const [from, to] = [at.get(line.source).row, at.get(line.target).row];
    const passed = [];
    for (let row = from + 1; row < to; row += 1) passed.push(points.reduce((best, point) => (Math.abs(point.y - heights[row]) < Math.abs(best.y - heights[row]) ? point : best)).x);
    between.set(line.key, passed);
  }
  return { rows, at, lines, between };
}

/** Steps with all their lines, from (0, 0). `ends`: every way out may stay open, as those of a side path may. */
function block(part, ids, ends = false) {
  const { ports, back } = part;
  const here = new Set(ids);
  const { rows, at, lines, between } = rowsOf(part, ids, ends);
  const hops = rows.map(() => []); // what runs sideways below each row: {key, from, to, goal}
  const middle = (id) => at.get(id).x + at.get(id).w / 2;
  const courses = new Map(); // key → [x of the way out, x in each row passed, x of the target]
  for (const { key, source, target, way } of lines) {
    const goal = target === key ? middle(source) - at.get(source).w / 2 + way.x : middle(target);
    const xs = [at.get(source).x + way.x, ...straight(between.get(key), at.get(source).x + way.x, goal), goal];
    if (target === key) at.get(key).x = Math.round(at.get(key).x); // an open way out keeps its column
    if (target === key) xs[1] = middle(key);
    courses.set(key, xs);
    for (let n = 0; n + 1 < xs.length; n += 1) if (Math.abs(xs[n] - xs[n + 1]) > 0.5) hops[at.get(source).row + n].push({ key, n, from: xs[n], to: xs[n + 1], goal: target });
  }
  const returns = [];
  for (const id of ids) for (const way of ports.get(id)) if (way.edge && way.target && here.has(way.target) && back.has(way.edge.id)) returns.push({ key: way.edge.id, source: id, target: way.target, way });
  const lanes = lanesOf(rows, at, returns);
  for (const one of returns) {
    const [from, to] = [at.get(one.source).row, at.get(one.target).row - 1];
    hops[from].push({ key: one.key, n: 'out', from: at.get(one.source).x + one.way.x, to: lanes.get(one.key), goal: one.target });
    if (to >= 0) hops[to].push({ key: one.key, n: 'in', from: lanes.get(one.key), to: middle(one.target), goal: one.target });
  }
  const tracks = hops.map(tracksOf);
  const [tops, gaps] = heightsOf(rows, ports, tracks, at, returns);
  return drawnBlock({ rows, at, lines, courses, returns, lanes, tracks, tops, gaps, ports, middle, ends });
}

/** Where a line passes rows it leaves small turns out: straight down from its way out, or straight above its target, where it nearly is. */
function straight(xs, first, last) {
  return xs.map((x) => (Math.abs(x - first) < 24 ? first : Math.abs(x - last) < 24 ? last : Math.round(x)));
}

/** Sideways runs of one gap between rows, each on the first track where it meets no other; what goes to one step may share. */
function tracksOf(runs) {
  const tracks = [];
  const placed = new Map();
  const span = (run) => [Math.min(run.from, run.to) - 6, Math.max(run.from, run.to) + 6];
  const sorted = [...runs].sort((one, other) => Math.abs(one.to - one.from) - Math.abs(other.to - other.from));
  for (const run of sorted) {
    const [left, right] = span(run);
    const free = (track) => track.every((other) => other.goal === run.goal || span(other)[0] > right || span(other)[1] < left);
    let n = tracks.findIndex(free);
    if (n < 0) n = tracks.push([]) - 1;
    tracks[n].push(run);
    placed.set(`${run.key}/${run.n}`, n);
  }
  return { count: tracks.length, placed };
}

/** The lane on the right for each line that leads back: beyond everything beside its way, one lane for all that lead to one step. */
function lanesOf(rows, at, returns) {
  const lanes = new Map();
  const taken = [];
  const byGoal = new Map();
  for (const one of returns) byGoal.set(one.target, [...(byGoal.get(one.target) || []), one]);
  const spans = [...byGoal].map(([target, list]) => ({ target, list, from: at.get(target).row, to: Math.max(...list.map((one) => at.get(one.source).row)) }));
  for (const span of spans.sort((one, other) => one.to - one.from - (other.to - other.from))) {
    let x = Math.max(...rows.slice(Math.max(span.from - 1, 0), span.to + 2).flat().map((one) => one.x + one.w)) + 36;
    const meets = () => taken.find((other) => other.from <= span.to && other.to >= span.from && Math.abs(other.x - x) < LANE);
    for (let other = meets(); other; other = meets()) x = other.x + LANE;
    taken.push({ ...span, x });
    for (const one of span.list) lanes.set(one.key, x);
  }
  return lanes;
}

/** The top of each row, and what each gap below it has room for. */
function heightsOf(rows, ports, tracks, at, returns) {
  const above = returns.some((one) => at.get(one.target).row === 0) ? 40 : 0;
  const tops = [];
  const gaps = [];
  let y = above;
  rows.forEach((row, n) => {
    tops.push(y);
    const labelled = row.some(({ id }) => (ports.get(id) || []).length > 1);
    const tied = row.some(({ id }) => (ports.get(id) || []).some((way) => way.target)); // else there is nothing to put a + on
    const words = row.some(({ id }) => (ports.get(id) || []).length > 3) ? LABEL + STAGGER : labelled ? LABEL : 4;
    const gap = { plus: words, track: words + (tied ? PLUS : 0) };
    gap.h = gap.track + tracks[n].count * TRACK + ARROW;
    gaps.push(gap);
    y += Math.max(...row.map((one) => one.h)) + gap.h;
  });
  return [tops, gaps];
}

function drawnBlock({ rows, at, lines, courses, returns, lanes, tracks, tops, gaps, ports, middle, ends }) {
  const nodes = new Map();
  const opens = [];
  const edges = new Map();
  const low = (n) => tops[n] + Math.max(...rows[n].map((one) => one.h));
  const bottom = (id) => tops[at.get(id).row] + at.get(id).h;
  for (const row of rows) for (const one of row) if (ports.has(one.id)) nodes.set(one.id, { x: one.x, y: tops[one.row], w: one.w, h: one.h });
  const trackY = (key, part, n) => low(n) + gaps[n].track + (tracks[n].placed.get(`${key}/${part}`) + 0.5) * TRACK;
  const words = (source, x) => {
    const all = ports.get(source);
    const second = all.length > 3 && all.findIndex((way) => at.get(source).x + way.x === x) % 2;
    return { x, y: low(at.get(source).row) + 4 + (second ? STAGGER : 0), room: wordsRoom(all.length) };
  };
  const marks = (source, x) => ({ label: words(source, x), plus: { x, y: low(at.get(source).row) + gaps[at.get(source).row].plus + PLUS / 2 } });
  for (const { key, source, target, way } of lines) {
    const xs = courses.get(key);
    const first = at.get(source).row;
    const points = [[xs[0], bottom(source)]];
    for (let n = 0; n + 1 < xs.length; n += 1) {
      if (Math.abs(xs[n] - xs[n + 1]) <= 0.5) continue;
      const y = trackY(key, n, first + n);
      points.push([xs[n], y], [xs[n + 1], y]);
    }
    points.push([xs[xs.length - 1], tops[at.get(target).row]]);
    const course = { points, ...marks(source, xs[0]), back: false };
    if (target === key) {
      const { x, w, h } = at.get(key);
      opens.push({ id: key, node: source, port: way.port, label: way.label, optional: way.optional || ends, x, y: tops[at.get(key).row], w, h, course });
    } else edges.set(key, course);
  }
  for (const { key, source, target, way } of returns) {
    const x = at.get(source).x + way.x;
    const [lane, goal] = [lanes.get(key), middle(target)];
    const out = trackY(key, 'out', at.get(source).row);
    const up = at.get(target).row ? trackY(key, 'in', at.get(target).row - 1) : tops[0] - 20;
    edges.set(key, { points: [[x, bottom(source)], [x, out], [lane, out], [lane, up], [goal, up], [goal, tops[at.get(target).row]]], ...marks(source, x), back: true });
  }
  return { nodes, opens, edges };
}

/** A clock beside the first step that it covers: put into `out`, with its side paths; says where it is tied to that step. */
function besideFirst(part, out, id, walked, covers) {
  const { ports, sizeOf } = part;
  const covered = [...out.nodes.keys()].filter((one) => covers.get(one)?.includes(id)).sort((one, other) => out.nodes.get(one).y - out.nodes.get(other).y || out.nodes.get(one).x - out.nodes.get(other).x);
  const first = covered[0] ? out.nodes.get(covered[0]) : null;
  const made = strip(part, id, walked.sides.filter((side) => side.node === id));
  const box = boxOf(made);
  const y = first ? first.y + first.h / 2 - sizeOf(id).h / 2 : 0;
  const meets = (place) => place.y < y + box.h + 24 && place.y + place.h > y - 24;
  const lefts = [...out.nodes.values(), ...out.opens].filter(meets).map((place) => place.x);
  for (const { points } of out.edges.values()) points.forEach(([x, at], n) => {
    const next = points[n + 1] || points[n];
    if (Math.min(at, next[1]) < y + box.h + 24 && Math.max(at, next[1]) > y - 24) lefts.push(x);
  });
  const right = lefts.length ? Math.min(...lefts) - APART : 0;
  const [dx, dy] = [Math.round(right - box.x - box.w), Math.round(y)];
  shift(made, dx, dy);
  for (const [key, place] of made.nodes) out.nodes.set(key, place);
  out.opens.push(...made.opens);
  for (const [key, course] of made.edges) out.edges.set(key, course);
  const own = out.nodes.get(id);
  const points = first ? [[own.x + own.w, own.y + own.h / 2], [first.x, own.y + own.h / 2]] : [];
  return { id, covers: covered, first: covered[0] || null, points, ways: ports.get(id) };
}

/** A clock from (0, 0), and set in below it each side path, one under the other. */
function strip(part, id, sides) {
  const { ports, sizeOf } = part;
  const size = sizeOf(id);
  const out = { nodes: new Map([[id, { x: 0, y: 0, ...size }]]), opens: [], edges: new Map() };
  const trunk = 20;
  let y = size.h;
  for (const way of ports.get(id)) {
    const side = sides.find((one) => one.port === way.port);
    y += 34;
    const label = { x: trunk + 16, y: y - 26, start: true, room: 200 };
    if (side?.ids.length) {
      const inner = block(part, side.ids, true);
      const box = boxOf(inner);
      shift(inner, STEP - box.x, y - box.y);
      const first = inner.nodes.get(side.ids[0]);
      const middle = first.y + first.h / 2;
      out.edges.set(way.edge.id, { points: [[trunk, size.h], [trunk, middle], [first.x, middle]], label, plus: { x: trunk, y: y - 14 }, back: false, side: true });
      for (const [key, place] of inner.nodes) out.nodes.set(key, place);
      out.opens.push(...inner.opens);
      for (const [key, course] of inner.edges) out.edges.set(key, course);
      y += box.h;
    } else if (!way.stray && !way.target) {
      const middle = y + OPEN.h / 2;
      out.opens.push({ id: openId(id, way.port), node: id, port: way.port, label: way.label, optional: way.optional, x: STEP, y, w: OPEN.w, h: OPEN.h, course: { points: [[trunk, size.h], [trunk, middle], [STEP, middle]], label, plus: { x: trunk, y: y - 14 }, side: true } });
      y += OPEN.h;
    }
  }
  return out;
}

function shift(out, dx, dy) {
  const move = (place) => ({ ...place, x: place.x + dx, y: place.y + dy });
  const moved = (course) => ({ ...course, points: course.points.map(([x, y]) => [x + dx, y + dy]), label: move(course.label), plus: move(course.plus) });
  for (const [key, place] of out.nodes) out.nodes.set(key, move(place));
  out.opens = out.opens.map((open) => ({ ...move(open), course: moved(open.course) }));
  for (const [key, course] of out.edges) out.edges.set(key, moved(course));
}

/** How wide the words at one of so many ways out may be. */
export const wordsRoom = (count) => (count < 2 ? 150 : count === 2 ? 86 : count === 3 ? 64 : Math.max((2 * CARD) / (count + 1) - 6, 40));

/** How wide they are. */
export const labelWidth = (text, room = 150) => Math.min(width(text, 12) + 12, room);

/** The step that the arrow keys lead to: down and up along the flow, left and right in the row. */
export function neighbour(laid, content, id, key) {
  const from = laid.nodes.get(id);
  if (!from) return laid.walked.order[0] || null;
  if (key === 'ArrowDown') {
    const way = laid.ports.get(id).find((one) => one.target && !laid.walked.back.has(one.edge.id)) || laid.ports.get(id).find((one) => one.target);
    return way?.target || null;
  }
  if (key === 'ArrowUp') {
    const known = laid.walked.parent.get(id)?.id;
    return known || index(content).at.get(index(content).into.get(id)?.[0]?.id)?.source || null;
  }
  const right = key === 'ArrowRight';
  const others = [...laid.nodes].filter(([other, place]) => other !== id && (right ? place.x > from.x : place.x < from.x));
  const far = ([, place]) => Math.abs(place.x - from.x) + 4 * Math.abs(place.y + place.h / 2 - from.y - from.h / 2);
  return others.sort((one, other) => far(one) - far(other))[0]?.[0] || null;
}
