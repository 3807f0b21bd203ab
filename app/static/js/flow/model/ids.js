// Ids of steps, lines and ways out: readable, and never given again (they stand in the records of old tickets).
import { freshId } from '../../designer/model/ids.js';

/** Every id of a flow's steps and lines. */
export const taken = (content) => new Set([...(content.nodes || []), ...(content.edges || [])].map((one) => one.id));

/** A new step's id: "task.approval" → `approval_7q2k`. */
export const nodeId = (type, used, random) => freshId('', type.split('.').pop().replace(/^[^a-z]+/, '') || 'n', used, random);

export const edgeId = (used, random) => freshId('e_', '', used, random);

/** A new row's way out: `c1`, `c2` …, the first that none of the rows has. */
export function portId(rows, key, base) {
  const used = new Set(rows.map((row) => row?.[key]));
  for (let n = rows.length + 1; ; n += 1) if (!used.has(`${base}${n}`)) return `${base}${n}`;
}
