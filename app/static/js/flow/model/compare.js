// Two versions on one canvas: everything of both, and what became of it.
import { index, parts } from './content.js';

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const TOLD = ['name', 'type', 'tv', 'config', 'attach'];

/** {content, nodes: id → "added" | "removed" | "changed", edges: edge id → "added" | "removed", counts}. The content holds the steps and
    lines of both; a line that is gone leaves by a way out of its own where a new one took its place. */
export function merged(old, now) {
  const [before, after] = [index(old), index(now)];
  const nodes = new Map();
  for (const [id, node] of after.nodes) {
    const was = before.nodes.get(id);
    if (!was) nodes.set(id, 'added');
    else if (TOLD.some((key) => !same(was[key], node[key]))) nodes.set(id, 'changed');
  }
  const gone = [...before.nodes.values()].filter((node) => !after.nodes.has(node.id));
  gone.forEach((node) => nodes.set(node.id, 'removed'));
  const ends = (edge) => `${edge.from}>${edge.to}`;
  const [had, has] = [new Set((old.edges || []).map(ends)), new Set((now.edges || []).map(ends))];
  const edges = new Map((now.edges || []).filter((edge) => !had.has(ends(edge))).map((edge) => [edge.id, 'added']));
  const left = (old.edges || []).filter((edge) => !has.has(ends(edge))).map((edge) => {
    const [source, port] = parts(edge.from);
    const taken = after.from.get(source)?.has(port);
    return { ...edge, id: `was ${edge.id}`, from: taken ? `${source}:${port} was` : edge.from };
  });
  left.forEach((edge) => edges.set(edge.id, 'removed'));
  const of = (mark) => [...nodes.values()].filter((one) => one === mark).length;
  return {
    content: { ...now, nodes: [...(now.nodes || []), ...gone.map((node) => (node.attach ? { ...node, attach: [] } : node))], edges: [...(now.edges || []), ...left] },
    nodes, edges, counts: { added: of('added'), removed: of('removed'), changed: of('changed'), lines: edges.size },
  };
}
