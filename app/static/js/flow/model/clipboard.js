// Copying steps to another flow: a JSON text of our own on the clipboard, judged before it is used.
import { group, place, renamed } from './edits.js';

const MARK = 'danflow/steps/1';
const MOST_BYTES = 1_000_000;
const MOST_STEPS = 300;

/** The text to put on the clipboard: steps, the lines among them, and the variables they use. */
export function copied(content, kinds, ids) {
  const { nodes, edges } = group(content, kinds, ids);
  const used = new Set([...JSON.stringify(nodes).matchAll(/\bvars\.([a-z][a-z0-9_]*)/g)].map((found) => found[1]));
  const vars = (content.vars || []).filter((one) => used.has(one.key));
  return JSON.stringify({ schema: MARK, nodes, edges, vars });
}

const isStep = (node) => Boolean(node) && typeof node.id === 'string' && typeof node.type === 'string' && (node.config === undefined || (typeof node.config === 'object' && node.config !== null && !Array.isArray(node.config))) && (node.attach === undefined || (Array.isArray(node.attach) && node.attach.every((id) => typeof id === 'string')));

/** What a clipboard text holds: {nodes, edges, vars}, or null if it is none of ours. Only the keys that a flow knows are taken. */
export function readCopied(text) {
  if (!text || text.length > MOST_BYTES || !text.includes(MARK)) return null;
  try {
    const found = JSON.parse(text);
    if (found.schema !== MARK || !Array.isArray(found.nodes) || !found.nodes.length || found.nodes.length > MOST_STEPS || !found.nodes.every(isStep)) return null;
    const nodes = found.nodes.map(({ id, type, tv = 1, name = '', config = {}, attach }) => ({ id, type, tv, name, config, ...(attach ? { attach } : {}) }));
    const ids = new Set(nodes.map((node) => node.id));
    const tied = (end) => typeof end === 'string' && ids.has(end.split(':')[0]) && end.split(':').length === 2;
    const edges = (Array.isArray(found.edges) ? found.edges : []).filter((edge) => edge && tied(edge.from) && tied(edge.to)).map(({ from, to, label }) => ({ from, to, ...(label ? { label } : {}) }));
    const vars = (Array.isArray(found.vars) ? found.vars : []).filter((one) => one && typeof one.key === 'string');
    return ids.size === nodes.length ? { nodes, edges, vars } : null;
  } catch {
    return null;
  }
}

/** Insert what was copied, with new ids: {content, select}. Variables of the same name here are kept as they are here. */
export function paste(content, found, at, ctx) {
  const { nodes, edges } = renamed(found.nodes, found.edges, content, ctx);
  const known = new Set((content.vars || []).map((one) => one.key));
  const vars = found.vars.filter((one) => !known.has(one.key));
  const done = place(content, nodes, edges, at, ctx);
  return vars.length ? { ...done, content: { ...done.content, vars: [...(content.vars || []), ...vars] } } : done;
}
