// The flow as an indented list in reading order: branches stand below the step they leave, what comes after they meet again stands
// at its level; a way back or on to a step that stands elsewhere is a line that names it. Pure.
import { find, index, kindOf, parts, portsOf, walk, ways } from './content.js';

/** Where all ways out of a step that lead on (not back, not nowhere) come together again: id → id of that step, if there is one.
    Counted for all steps at once (immediate postdominators), each after those it leads to. */
function meetings(nodes, leaving, back) {
  const onward = new Map([...nodes.keys()].map((id) => [id, leaving.get(id).filter((way) => way.target && !back.has(way.edge.id)).map((way) => way.target)]));
  const order = []; // every step behind those it leads to
  const done = new Set();
  for (const first of nodes.keys()) {
    const stack = [[first, 0]];
    while (stack.length) {
      const top = stack[stack.length - 1];
      const [id] = top;
      if (!top[1] && done.has(id)) stack.pop();
      else if (top[1] < onward.get(id).length) {
        done.add(id);
        const next = onward.get(id)[top[1]++];
        if (!done.has(next)) stack.push([next, 0]);
      } else {
        done.add(id);
        stack.pop();
        order.push(id);
      }
    }
  }
  const rank = new Map(order.map((id, at) => [id, at]));
  const END = '';
  rank.set(END, -1);
  const above = new Map();
  const common = (one, other) => {
    let [a, b] = [one, other];
    while (a !== b) {
      if (rank.get(a) > rank.get(b)) a = above.get(a);
      else b = above.get(b);
    }
    return a;
  };
  for (const id of order) {
    const known = onward.get(id).filter((next) => next === END || above.has(next));
    if (known.length) above.set(id, known.reduce(common));
    else if (!leaving.get(id).length) above.set(id, END); // an end; a step that only leads back is none
  }
  return above;
}

/** Rows from top to bottom: {key, what, depth, parent, …}. `what`:
    "node" {id, branches}; "branch" {node, port, label, edge}; "ref" {target, back, edge}; "open" {node, port, optional}; "side" and "loose": headings. */
export function outline(content, kinds) {
  const rows = [];
  const seen = new Set();
  const walked = walk(content, kinds);
  const { nodes } = index(content);
  const out = new Map([...nodes.keys()].map((id) => [id, ways(content, kinds, id)]));
  const meets = meetings(nodes, out, walked.back);
  const push = (row) => {
    rows.push(row);
    return row.key;
  };
  let side = false; // what follows a clock needs no end
  const chain = (first, depth, parent, stops, came) => {
    let id = first;
    let edge = came;
    while (id) {
      if (stops.has(id) || seen.has(id)) {
        if (!stops.has(id) || edge === came) push({ key: `r:${edge?.id || id}`, what: 'ref', depth, parent, target: id, back: Boolean(edge && walked.back.has(edge.id)), edge: edge?.id || null });
        return;
      }
      seen.add(id);
      const leaving = out.get(id);
      const several = leaving.length > 1;
      const key = push({ key: `n:${id}`, what: 'node', depth, parent, id, branches: several });
      if (!leaving.length) return;
      if (!several) {
        const [way] = leaving;
        if (!way.target) return void push({ key: `o:${id}:${way.port}`, what: 'open', depth, parent, node: id, port: way.port, optional: way.optional, side });
        edge = way.edge;
        id = way.target;
        continue;
      }
      const meet = meets.get(id) || null;
      const inner = meet && !seen.has(meet) ? new Set([...stops, meet]) : stops;
      for (const way of leaving) {
        const own = push({ key: `b:${id}:${way.port}`, what: 'branch', depth: depth + 1, parent: key, node: id, port: way.port, label: way.label, edge: way.edge?.id || null });
        if (way.target) chain(way.target, depth + 2, own, inner, way.edge);
        else push({ key: `o:${id}:${way.port}`, what: 'open', depth: depth + 2, parent: own, node: id, port: way.port, optional: way.optional, side });
      }
      if (!meet || stops.has(meet) || seen.has(meet)) return;
      edge = null;
      id = meet;
    }
  };
  const none = new Set();
  const starts = [...nodes.values()].filter((node) => kindOf(kinds, node, content).group === 'trigger');
  starts.forEach((node, n) => {
    if (n < starts.length - 1 && out.get(node.id).length === 1 && starts.slice(n + 1).some((other) => out.get(other.id)[0]?.target === out.get(node.id)[0].target)) {
      // beginnings that lead to the same step stand above each other; the step follows the last of them
      seen.add(node.id);
      push({ key: `n:${node.id}`, what: 'node', depth: 0, parent: null, id: node.id, branches: false });
    } else chain(node.id, 0, null, none, null);
  });
  if (walked.clocks.length) push({ key: 'side', what: 'side', depth: 0, parent: null });
  side = true;
  walked.clocks.forEach((id) => chain(id, 0, null, none, null));
  side = false;
  const loose = walked.order.filter((id) => !seen.has(id));
  if (loose.length) push({ key: 'loose', what: 'loose', depth: 0, parent: null });
  loose.forEach((id) => !seen.has(id) && chain(id, 0, null, none, null));
  return rows;
}

/** Rows that are shown when those in `folded` (keys) are closed. */
export function shown(rows, folded) {
  const hidden = new Set();
  return rows.filter((row) => {
    if (row.parent && (hidden.has(row.parent) || folded.has(row.parent))) {
      hidden.add(row.key);
      return false;
    }
    return true;
  });
}

/** Where the palette puts what is added behind a row: {edge} | {node, port} | null. */
export function placeOf(content, kinds, row) {
  if (row.what === 'open') return { node: row.node, port: row.port };
  if (row.what === 'branch') return row.edge ? { edge: row.edge } : { node: row.node, port: row.port };
  if (row.what === 'ref') return row.edge ? { edge: row.edge } : null;
  if (row.what !== 'node') return null;
  const [first] = ways(content, kinds, row.id).filter((way) => !way.stray);
  if (!first || kindOf(kinds, find(content, row.id), content).attaches) return null;
  return first.edge ? { edge: first.edge.id } : { node: row.id, port: first.port };
}

/** The only way on of a step, null where there are several or none. */
function only(content, kinds, id) {
  const leading = ways(content, kinds, id).filter((way) => way.target);
  return leading.length === 1 ? leading[0] : null;
}

/** Two steps that stand one after the other change places: {content, past} or null where they cannot. `id` comes second. */
function swap(content, kinds, before, id) {
  const [first, second] = [find(content, before), find(content, id)];
  if (!first || !second) return null;
  const kind = kindOf(kinds, first, content);
  const ports = portsOf(second, kindOf(kinds, second, content));
  if (kind.group === 'trigger' || kind.pairs || kind.attaches || kindOf(kinds, second, content).pairs || ports.length === 0) return null;
  const into = index(content).into.get(id) || [];
  const lead = into.find((edge) => parts(edge.from)[0] === before);
  const on = only(content, kinds, id);
  if (!lead || into.length !== 1 || !on || on.target === before) return null;
  const edges = content.edges.map((edge) => {
    if (edge === lead) return { ...edge, to: `${on.target}:in` };
    if (edge === on.edge) return { ...edge, to: `${before}:in` };
    return parts(edge.to)[0] === before ? { ...edge, to: `${id}:in` } : edge;
  });
  return { content: { ...content, edges }, past: before };
}

/** Move a step before the one it follows (`by` -1) or behind the one that follows it (1): {content, past} or null. */
export function moveStep(content, kinds, id, by) {
  if (by < 0) {
    const into = index(content).into.get(id) || [];
    return into.length === 1 ? swap(content, kinds, parts(into[0].from)[0], id) : null;
  }
  const on = only(content, kinds, id);
  return on ? swap(content, kinds, id, on.target) : null;
}
