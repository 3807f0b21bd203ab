// Reading a flow definition (docs/flow-engine.md). Nothing here changes one; edits.js does.
// A kind is a node type as the catalogue describes it; `kinds`: type → its newest kind, "type@version" → that one.
import { say } from '../../designer/model/content.js';

const indexes = new WeakMap();

/** "node:port" → [node, port]. */
export const parts = (end) => {
  const at = String(end).indexOf(':');
  return at < 0 ? [String(end), ''] : [end.slice(0, at), end.slice(at + 1)];
};

/** Everything that is looked up by id, made once for a content:
    {nodes: id → node, edges: id → edge, from: node → port → edge, into: node → [edge], at: edge id → {source, port, target}}. */
export function index(content) {
  let found = indexes.get(content);
  if (found) return found;
  found = { nodes: new Map(), edges: new Map(), from: new Map(), into: new Map(), at: new Map() };
  for (const node of content.nodes || []) found.nodes.set(node.id, node);
  for (const edge of content.edges || []) {
    const [source, port] = parts(edge.from);
    const [target] = parts(edge.to);
    found.edges.set(edge.id, edge);
    found.at.set(edge.id, { source, port, target });
    if (!found.from.has(source)) found.from.set(source, new Map());
    if (!found.from.get(source).has(port)) found.from.get(source).set(port, edge);
    if (!found.into.has(target)) found.into.set(target, []);
    found.into.get(target).push(edge);
  }
  indexes.set(content, found);
  return found;
}

export const find = (content, id) => index(content).nodes.get(id) || null;

/** The kind of a node; one that is not installed has the ways out that its lines use. */
export function kindOf(kinds, node, content = null) {
  const kind = kinds.get(`${node.type}@${node.tv}`) || kinds.get(node.type);
  if (kind) return kind;
  const used = content ? [...(index(content).from.get(node.id)?.keys() || [])] : [];
  return { type: node.type, missing: true, label: node.type, group: 'missing', icon: 'unplug', hasInput: true, waits: false, ports: used.map((id) => ({ id, label: id, optional: true })), config: [] };
}

/** The ways out of a node: those its settings make, in their order, then its type's. [{id, label, optional}] */
export function portsOf(node, kind) {
  const [list, key] = (kind.portsFrom || '').split('[].');
  const rows = list && Array.isArray(node.config?.[list]) ? node.config[list] : [];
  const made = rows.filter((row) => row && typeof row[key] === 'string').map((row) => ({ id: row[key], label: row.label || '', optional: false }));
  const own = (kind.ports || []).map((port) => (node.config?.[`${port.id}_label`] ? { ...port, label: node.config[`${port.id}_label`] } : port));
  return [...made, ...own];
}

/** The name of a node for people, else of its type. */
export const nameOf = (node, kinds, locale) => say(node.name, locale) || say(kinds.get(node.type)?.label, locale) || node.id;

export const isTrigger = (kind) => kind.group === 'trigger';

/** What leaves a node, in the order of its ports, lines of ports that it no longer has behind them: [{port, label, optional, edge, target, stray}]. */
export function ways(content, kinds, id) {
  const { nodes, from } = index(content);
  const node = nodes.get(id);
  if (!node) return [];
  const leaving = from.get(id) || new Map();
  const ports = portsOf(node, kindOf(kinds, node, content));
  const known = new Set(ports.map((port) => port.id));
  const strays = [...leaving.keys()].filter((port) => !known.has(port)).map((port) => ({ id: port, label: port, optional: true, stray: true }));
  return [...ports, ...strays].map((port) => {
    const edge = leaving.get(port.id) || null;
    const target = edge ? parts(edge.to)[0] : null;
    return { port: port.id, label: port.label, optional: Boolean(port.optional), stray: Boolean(port.stray), edge, target: target && nodes.has(target) ? target : null };
  });
}

/** The flow from its beginnings, port by port, deep first: {order, back, parent, main, sides}.
    `order`: node ids; `back`: ids of edges that lead to a step they come from; `parent`: id → {id, port} by which it was come to first;
    `main`: ids that tickets pass; `sides`: [{node, port, ids}] of every way out of a clock. */
export function walk(content, kinds) {
  const { nodes, into } = index(content);
  const order = [];
  const back = new Set();
  const parent = new Map();
  const seen = new Set();
  const open = new Set();
  const visit = (first, came) => {
    const stack = [];
    const enter = (id, by) => {
      seen.add(id);
      open.add(id);
      order.push(id);
      if (by) parent.set(id, by);
      stack.push({ id, ways: ways(content, kinds, id), at: 0 });
    };
    if (seen.has(first)) return;
    enter(first, came);
    while (stack.length) {
      const top = stack[stack.length - 1];
      const way = top.ways[top.at++];
      if (!way) {
        open.delete(top.id);
        stack.pop();
      } else if (way.target && open.has(way.target)) back.add(way.edge.id);
      else if (way.target && !seen.has(way.target)) enter(way.target, { id: top.id, port: way.port });
    }
  };
  const all = [...nodes.keys()];
  const kind = (id) => kindOf(kinds, nodes.get(id), content);
  const clocks = all.filter((id) => kind(id).attaches);
  all.filter((id) => isTrigger(kind(id))).forEach((id) => visit(id));
  const passed = order.length;
  const sides = [];
  for (const id of clocks) {
    seen.add(id);
    order.push(id);
    for (const way of ways(content, kinds, id)) {
      const from = order.length;
      if (way.target) visit(way.target, { id, port: way.port });
      sides.push({ node: id, port: way.port, ids: order.slice(from) });
    }
  }
  const loose = order.length;
  all.filter((id) => !seen.has(id) && !(into.get(id) || []).length).forEach((id) => visit(id));
  all.forEach((id) => visit(id));
  return { order, back, parent, clocks, sides, main: [...order.slice(0, passed), ...order.slice(loose)] };
}

/** Clocks that cover a node: [ids]; of all nodes at once. */
export function coverage(content) {
  const covers = new Map();
  for (const node of content.nodes || []) {
    for (const id of Array.isArray(node.attach) ? node.attach : []) covers.set(id, [...(covers.get(id) || []), node.id]);
  }
  return covers;
}

/** Every node that can be come to from some, those included unless a line leads around them. */
export function reached(content, kinds, starts, without = new Set()) {
  const found = new Set();
  const todo = starts.filter((id) => !without.has(id));
  while (todo.length) {
    const id = todo.pop();
    if (found.has(id)) continue;
    found.add(id);
    for (const way of ways(content, kinds, id)) if (way.target && !without.has(way.target)) todo.push(way.target);
  }
  return found;
}

/** Where tickets can come from: triggers and clocks. */
export const beginnings = (content, kinds) => (content.nodes || []).filter((node) => {
  const kind = kindOf(kinds, node, content);
  return isTrigger(kind) || kind.attaches;
}).map((node) => node.id);

/** The first step at which all ways out of a node (those that lead on, not back) come together, or null. */
export function meeting(content, kinds, id, walked = walk(content, kinds)) {
  const onward = ways(content, kinds, id).filter((way) => way.target && !walked.back.has(way.edge.id));
  const targets = [...new Set(onward.map((way) => way.target))];
  if (!targets.length) return null;
  if (targets.length === 1) return targets[0];
  const forward = (from) => {
    const found = new Set([from]);
    const todo = [from];
    while (todo.length) for (const way of ways(content, kinds, todo.pop())) {
      if (!way.target || walked.back.has(way.edge.id) || found.has(way.target)) continue;
      found.add(way.target);
      todo.push(way.target);
    }
    return found;
  };
  const sets = targets.map(forward);
  const common = walked.order.filter((one) => sets.every((set) => set.has(one)));
  // the one from which every other common one is come to
  const most = common.map((one) => [one, forward(one).size]).sort((one, other) => other[1] - one[1])[0];
  return most ? most[0] : null;
}

/** The other half of a fork or join: which node its settings name. */
export function pairOf(content, kinds, id) {
  const node = find(content, id);
  const kind = node && kindOf(kinds, node, content);
  if (!kind?.pairs) return null;
  const other = node.config?.[pairKey(kind)];
  return typeof other === 'string' && find(content, other) ? other : null;
}

/** The setting in which one half of a pair names the other. */
export const pairKey = (kind) => kind.config?.find((entry) => entry.widget === 'node')?.key || (kind.gathers ? 'fork' : 'join');

/** What stands between a fork and its join, both left out. */
export function inside(content, kinds, fork) {
  const join = pairOf(content, kinds, fork);
  if (!join) return [];
  const ends = new Set([fork, join]);
  const ahead = reached(content, kinds, ways(content, kinds, fork).map((way) => way.target).filter(Boolean), ends);
  return [...ahead].filter((id) => reached(content, kinds, [id], new Set([fork])).has(join));
}

/** Steps whose name, summary, type's name or id hold every word of the query, in the order of the flow. */
export function search(content, kinds, query, locale, summaries = {}) {
  const wanted = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return [];
  const texts = (text) => (text && typeof text === 'object' ? Object.values(text).join(' ') : text || '');
  return walk(content, kinds).order.filter((id) => {
    const node = find(content, id);
    const hay = [texts(node.name), id, say(kinds.get(node.type)?.label, locale), summaries[id] || ''].join(' ').toLowerCase();
    return wanted.every((word) => hay.includes(word));
  });
}
