// The flow as an indented list in reading order: branches stand below the step they leave, what comes after they meet again stands
// at its level; a way back or on to a step that stands elsewhere is a line that names it. Pure.
import { find, index, kindOf, meeting, parts, portsOf, walk, ways } from './content.js';

/** Rows from top to bottom: {key, what, depth, parent, …}. `what`:
    "node" {id, branches}; "branch" {node, port, label, edge}; "ref" {target, back, edge}; "open" {node, port, optional}; "side" and "loose": headings. */
export function outline(content, kinds) {
  const rows = [];
  const seen = new Set();
  const walked = walk(content, kinds);
  const { nodes } = index(content);
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
      const leaving = ways(content, kinds, id);
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
      const meet = meeting(content, kinds, id, walked);
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
    if (n < starts.length - 1 && ways(content, kinds, node.id).length === 1 && starts.slice(n + 1).some((other) => ways(content, kinds, other.id)[0]?.target === ways(content, kinds, node.id)[0].target)) {
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
