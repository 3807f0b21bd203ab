// Changes to a flow: every function takes a content and gives the next, sharing what stays the same.
// A place is {edge: id} (on a line) or {node, port} (a way out that leads nowhere). `ctx`: {kinds, locale, random}.
import { beginnings, coverage, find, index, inside, isTrigger, kindOf, meeting, nameOf, pairKey, pairOf, parts, portsOf, reached, walk, ways } from './content.js';
import { edgeId, nodeId, taken } from './ids.js';

const end = (node, port = 'in') => `${node}:${port}`;

/** The node from which a place leads on, and by which way out. */
export const sourceOf = (content, place) => (place.edge ? index(content).at.get(place.edge) : { source: place.node, port: place.port, target: null });

/** A new step of a kind with the settings its type begins with. */
function newNode(kind, used, { locale, random }) {
  const node = { id: nodeId(kind.type, used, random), type: kind.type, tv: kind.tv || 1, name: nameOf({ id: '', type: kind.type }, new Map([[kind.type, kind]]), locale), config: structuredClone(kind.starter || {}) };
  return kind.attaches ? { ...node, attach: [] } : node;
}

/** What one choice of the palette brings: {nodes, edges, first, exits: [[node, port]] that lead to what comes next}. */
export function fragment(content, kind, ctx) {
  const used = taken(content);
  const node = newNode(kind, used, ctx);
  if (kind.pairs && !kind.gathers) {
    const other = ctx.kinds.get(kind.pairs);
    const join = newNode(other, used, ctx);
    node.config = { ...node.config, [pairKey(kind)]: join.id };
    join.config = { ...join.config, [pairKey(other)]: node.id };
    const edges = portsOf(node, kind).map((port) => ({ id: edgeId(used, ctx.random), from: end(node.id, port.id), to: end(join.id) }));
    return { nodes: [node, join], edges, first: node.id, exits: [[join.id, portsOf(join, other)[0].id]] };
  }
  const ports = portsOf(node, kind);
  const leading = kind.group === 'branch' ? ports : ports.slice(0, 1); // every case of a branch goes on to the same step
  return { nodes: [node], edges: [], first: node.id, exits: leading.map((port) => [node.id, port.id]) };
}

const added = (content, nodes, edges) => ({ ...content, nodes: [...(content.nodes || []), ...nodes], edges: [...(content.edges || []), ...edges] });

/** Put a group of steps (entered at `first`, left by `exits`) into a place. On a line the rest of it follows. */
function splice(content, part, place, ctx) {
  const used = taken(added(content, part.nodes, part.edges));
  const old = place.edge ? index(content).edges.get(place.edge) : null;
  const edges = [...part.edges];
  let next = content;
  if (old) next = { ...content, edges: content.edges.map((edge) => (edge === old ? { ...edge, to: end(part.first) } : edge)) };
  else edges.unshift({ id: edgeId(used, ctx.random), from: end(place.node, place.port), to: end(part.first) });
  if (old) for (const [node, port] of part.exits) edges.push({ id: edgeId(used, ctx.random), from: end(node, port), to: old.to });
  return added(next, part.nodes, edges);
}

/** Whether a step that leads nowhere (an end) may stand at a place: what came after it must stay in the flow. */
export function mayEnd(content, kinds, place) {
  if (!place.edge) return true;
  const rest = { ...content, edges: content.edges.filter((edge) => edge.id !== place.edge) };
  return reached(rest, kinds, beginnings(rest, kinds)).has(index(content).at.get(place.edge).target);
}

/** A step of a kind at a place: {content, select}. Clocks cover what the place leads from, or else every task. */
export function insert(content, kind, place, ctx) {
  if (kind.attaches) return insertClock(content, kind, place, ctx);
  if (isTrigger(kind)) return insertTrigger(content, kind, ctx);
  const part = fragment(content, kind, ctx);
  return { content: place ? splice(content, part, place, ctx) : added(content, part.nodes, part.edges), select: [part.first] };
}

export const insertOnEdge = (content, edge, kind, ctx) => insert(content, kind, { edge }, ctx);
export const insertAtPort = (content, node, port, kind, ctx) => insert(content, kind, { node, port }, ctx);

/** One more beginning; it leads to where the first one leads. */
function insertTrigger(content, kind, ctx) {
  const used = taken(content);
  const node = newNode(kind, used, ctx);
  const first = (content.nodes || []).find((one) => isTrigger(kindOf(ctx.kinds, one)));
  const target = first && ways(content, ctx.kinds, first.id).find((way) => way.target)?.target;
  const edges = target ? [{ id: edgeId(used, ctx.random), from: end(node.id, portsOf(node, kind)[0].id), to: end(target) }] : [];
  const at = (content.nodes || []).findLastIndex((one) => isTrigger(kindOf(ctx.kinds, one))) + 1;
  const nodes = [...(content.nodes || [])];
  nodes.splice(at, 0, node);
  return { content: { ...content, nodes, edges: [...(content.edges || []), ...edges] }, select: [node.id] };
}

function insertClock(content, kind, place, ctx) {
  const node = newNode(kind, taken(content), ctx);
  const waits = (id) => Boolean(id && find(content, id) && kindOf(ctx.kinds, find(content, id)).waits);
  const { source, target } = place ? sourceOf(content, place) : {};
  const near = [source, target].filter(waits).slice(0, 1);
  node.attach = near.length ? near : (content.nodes || []).filter((one) => one.type.startsWith('task.') && waits(one.id)).map((one) => one.id);
  return { content: added(content, [node], []), select: [node.id] };
}

/** Why a line may not lead from a way out to a step: the key of a text, or "". */
export function refusal(content, kinds, source, port, target, own = null) {
  const { nodes, from } = index(content);
  const [to, out] = [nodes.get(target), nodes.get(source)];
  if (!to || !out) return 'no_gone';
  const kind = kindOf(kinds, to, content);
  if (!kind.hasInput) return kind.attaches ? 'no_into_clock' : 'no_into_start';
  if (source === target) return 'no_into_itself';
  const there = from.get(source)?.get(port);
  if (there && there.id !== own) return 'no_taken';
  return '';
}

/** A line from a way out that led nowhere. */
export function connect(content, source, port, target, { random } = {}) {
  return added(content, [], [{ id: edgeId(taken(content), random), from: end(source, port), to: end(target) }]);
}

/** Lead a line to another step. */
export const reconnect = (content, edge, target) => ({ ...content, edges: content.edges.map((one) => (one.id === edge ? { ...one, to: end(target) } : one)) });

export const disconnect = (content, edge) => ({ ...content, edges: content.edges.filter((one) => one.id !== edge) });

/** These steps, forks and joins with their other half and all between them. */
export function wholeBlocks(content, kinds, ids) {
  const found = new Set(ids.filter((id) => find(content, id)));
  for (const id of [...found]) {
    const other = pairOf(content, kinds, id);
    if (!other) continue;
    found.add(other);
    const fork = kindOf(kinds, find(content, id)).gathers ? other : id;
    inside(content, kinds, fork).forEach((one) => found.add(one));
  }
  return found;
}

/** Without these steps: lines close over the gap, and what only they led to goes as well: {content, removed}. */
export function remove(content, ids, kinds) {
  const gone = wholeBlocks(content, kinds, ids);
  if (!gone.size) return { content, removed: [] };
  const walked = walk(content, kinds);
  const after = (id, tried) => {
    if (!gone.has(id)) return id;
    if (tried.has(id)) return null;
    tried.add(id);
    const kind = kindOf(kinds, find(content, id), content);
    const join = kind.pairs && !kind.gathers ? pairOf(content, kinds, id) : null;
    if (join) return after(join, tried);
    const leading = ways(content, kinds, id).filter((way) => way.target);
    const onward = new Set(leading.filter((way) => !walked.back.has(way.edge.id)).map((way) => way.target));
    const next = (onward.size > 1 && meeting(content, kinds, id, walked)) || leading[0]?.target;
    return next ? after(next, tried) : null;
  };
  const edges = (content.edges || []).flatMap((edge) => {
    const [source] = parts(edge.from);
    const [target] = parts(edge.to);
    if (gone.has(source)) return [];
    if (!gone.has(target)) return [edge];
    const next = after(target, new Set());
    return next && next !== source ? [{ ...edge, to: end(next) }] : [];
  });
  const healed = without({ ...content, edges }, gone);
  if ([...gone].some((id) => isTrigger(kindOf(kinds, find(content, id), content)))) return { content: healed, removed: [...gone] };
  const before = reached(content, kinds, beginnings(content, kinds));
  const still = reached(healed, kinds, beginnings(healed, kinds));
  const lost = new Set([...before].filter((id) => !gone.has(id) && !still.has(id)));
  return { content: lost.size ? without(healed, lost) : healed, removed: [...gone, ...lost] };
}

/** Without these nodes, the lines at them, and whatever else names them as a place. */
function without(content, gone) {
  const nodes = content.nodes.filter((node) => !gone.has(node.id)).map((node) => (node.attach?.some((id) => gone.has(id)) ? { ...node, attach: node.attach.filter((id) => !gone.has(id)) } : node));
  const edges = content.edges.filter((edge) => !gone.has(parts(edge.from)[0]) && !gone.has(parts(edge.to)[0]));
  return { ...content, nodes, edges, ...(content.layout ? { layout: unplaced(content.layout, gone) } : {}) };
}

function unplaced(layout, gone) {
  const pos = Object.fromEntries(Object.entries(layout.pos || {}).filter(([id]) => !gone.has(id)));
  return { ...layout, pos, pinned: (layout.pinned || []).filter((id) => !gone.has(id)) };
}

// ---- one step ----

/** Set keys of a node (name, attach …); undefined removes a key. */
export function setNode(content, id, changes) {
  return {
    ...content,
    nodes: content.nodes.map((node) => {
      if (node.id !== id) return node;
      const next = { ...node, ...changes };
      for (const key of Object.keys(changes)) if (changes[key] === undefined) delete next[key];
      return next;
    }),
  };
}

export const rename = (content, id, name) => setNode(content, id, { name });

const pathOf = (path) => (Array.isArray(path) ? path : String(path).replace(/\[(\d+)\]/g, '.$1').split('.').filter(Boolean));

function put(part, [key, ...rest], value) {
  const list = Array.isArray(part) || (part === undefined && /^\d+$/.test(key));
  const copy = list ? [...(part || [])] : { ...part };
  const next = rest.length ? put(copy[key], rest, value) : value;
  if (next === undefined && list) copy.splice(Number(key), 1);
  else if (next === undefined) delete copy[key];
  else copy[key] = next;
  return copy;
}

/** Set what stands at a path of a step's settings ("cases[0].label"); undefined removes it. With `kinds` lines follow the ways out:
    those of a way out that is gone go with it, a new branch leads to the join, a new case to where the cases meet. */
export function setConfig(content, id, path, value, kinds = null, random = undefined) {
  const node = find(content, id);
  if (!node) return content;
  const next = setNode(content, id, { config: put(node.config || {}, pathOf(path), value) });
  return kinds ? settled(content, next, id, kinds, random) : next;
}

function settled(before, content, id, kinds, random) {
  const kind = kindOf(kinds, find(before, id), before);
  const ports = (whole) => portsOf(find(whole, id), kind).map((port) => port.id);
  const [old, now] = [ports(before), ports(content)];
  if (old.length === now.length && old.every((port, at) => port === now[at])) return content;
  const gone = new Set(old.filter((port) => !now.includes(port)));
  const to = kind.pairs ? pairOf(before, kinds, id) : kind.group === 'branch' ? meeting(before, kinds, id) : null;
  const edges = content.edges.filter((edge) => !(parts(edge.from)[0] === id && gone.has(parts(edge.from)[1])));
  const used = taken(content);
  const fresh = to ? now.filter((port) => !old.includes(port)).map((port) => ({ id: edgeId(used, random), from: end(id, port), to: end(to) })) : [];
  const next = { ...content, edges: [...edges, ...fresh] };
  const was = reached(before, kinds, beginnings(before, kinds));
  const still = reached(next, kinds, beginnings(next, kinds));
  const lost = new Set([...was].filter((one) => !still.has(one)));
  return lost.size ? without(next, lost) : next;
}

// ---- places on the free canvas ----

const laidOut = (content, changes) => ({ ...content, layout: { dir: 'TB', pos: {}, pinned: [], ...content.layout, ...changes } });
const round = ({ x, y }) => ({ x: Math.round(x), y: Math.round(y) });

/** Put steps where a person dragged them, and keep them there. `places`: id → {x, y}. */
export function move(content, places) {
  const pos = { ...content.layout?.pos };
  for (const [id, place] of Object.entries(places)) pos[id] = round(place);
  return laidOut(content, { pos, pinned: [...new Set([...(content.layout?.pinned || []), ...Object.keys(places)])] });
}

/** Keep every step where it is shown, so that what comes next moves nothing else; pins none. */
export function freeze(content, places) {
  const known = index(content).nodes;
  const pos = Object.fromEntries([...places].filter(([id]) => known.has(id)).map(([id, place]) => [id, round(place)]));
  return laidOut(content, { pos: { ...pos, ...content.layout?.pos } });
}

/** Let steps stand at some places without pinning them. */
export function stand(content, places) {
  const pos = Object.fromEntries([...places].map(([id, place]) => [id, round(place)]));
  return laidOut(content, { pos: { ...content.layout?.pos, ...pos } });
}

/** Lay out everything that no person has put somewhere. */
export function tidy(content) {
  const pinned = new Set(content.layout?.pinned || []);
  const pos = Object.entries(content.layout?.pos || {});
  const kept = pos.filter(([id]) => pinned.has(id));
  return kept.length === pos.length ? content : laidOut(content, { pos: Object.fromEntries(kept) });
}

/** Let steps go where they are laid out again. */
export function unpin(content, ids) {
  const gone = new Set(ids);
  return (content.layout?.pinned || []).some((id) => gone.has(id)) ? { ...content, layout: unplaced(content.layout, gone) } : content;
}

// ---- several steps ----

/** Steps and lines with new ids; what they name of each other follows, what they name of elsewhere is kept if `here` has it. */
export function renamed(nodes, edges, here, { kinds, random }) {
  const used = taken(here);
  const names = new Map(nodes.map((node) => [node.id, nodeId(node.type, used, random)]));
  const known = (id) => names.get(id) || (find(here, id) ? id : null);
  const copies = nodes.map((node) => {
    const copy = { ...structuredClone(node), id: names.get(node.id) };
    const kind = kinds.get(node.type);
    const refs = new Set((kind?.config || []).filter((entry) => entry.widget === 'node').map((entry) => entry.key));
    if (kind?.pairs) refs.add(pairKey(kind));
    for (const key of refs) {
      const value = copy.config?.[key];
      if (Array.isArray(value)) copy.config[key] = value.map(known).filter(Boolean);
      else if (typeof value === 'string' && known(value)) copy.config[key] = known(value);
      else if (typeof value === 'string') delete copy.config[key];
    }
    if (copy.attach) copy.attach = copy.attach.map(known).filter(Boolean);
    return copy;
  });
  const lines = edges.map((edge) => {
    const [[source, port], [target, entry]] = [parts(edge.from), parts(edge.to)];
    return { ...edge, id: edgeId(used, random), from: end(names.get(source), port), to: end(names.get(target), entry) };
  });
  return { nodes: copies, edges: lines };
}

/** A group of steps at a place, or loose where it does not fit in: {content, select}. */
export function place(content, nodes, edges, at, ctx) {
  const alone = { nodes, edges };
  const entered = new Set(edges.map((edge) => parts(edge.to)[0]));
  const entries = nodes.filter((node) => !entered.has(node.id) && kindOf(ctx.kinds, node).hasInput);
  const { order } = walk(alone, ctx.kinds);
  const exit = order.map((id) => [id, ways(alone, ctx.kinds, id).find((way) => !way.optional)]).filter(([id, way]) => way && !way.edge && !kindOf(ctx.kinds, find(alone, id)).attaches).pop();
  const select = nodes.map((node) => node.id);
  const fits = at && entries.length === 1 && (!at.edge || exit);
  const part = { nodes, edges, first: entries[0]?.id, exits: exit ? [[exit[0], exit[1].port]] : [] };
  return { content: fits ? splice(content, part, at, ctx) : added(content, nodes, edges), select };
}

/** The steps (whole blocks) and the lines among them, in the order of the file. */
export function group(content, kinds, ids) {
  const chosen = wholeBlocks(content, kinds, ids);
  return {
    nodes: content.nodes.filter((node) => chosen.has(node.id)),
    edges: content.edges.filter((edge) => chosen.has(parts(edge.from)[0]) && chosen.has(parts(edge.to)[0])),
  };
}

/** Behind a step: on the line that leaves it first, else at its first way out; null where it has none. */
export function behind(content, kinds, id) {
  const [first] = ways(content, kinds, id).filter((way) => !way.stray);
  if (!first || kindOf(kinds, find(content, id)).attaches) return null;
  return first.edge ? { edge: first.edge.id } : { node: id, port: first.port };
}

/** Copies behind the last of the originals: {content, select}. Clocks of the originals cover the copies as well. */
export function duplicate(content, ids, ctx) {
  const own = group(content, ctx.kinds, ids);
  if (!own.nodes.length) return { content, select: [] };
  const made = renamed(own.nodes, own.edges, content, ctx);
  const chosen = new Set(own.nodes.map((node) => node.id));
  const order = walk(content, ctx.kinds).order.filter((id) => chosen.has(id));
  const last = order.findLast((id) => ways(content, ctx.kinds, id).some((way) => !way.target || !chosen.has(way.target))) || order[order.length - 1];
  const done = place(content, made.nodes, made.edges, behind(content, ctx.kinds, last), ctx);
  const covers = coverage(content);
  const twins = new Map(own.nodes.map((node, at) => [node.id, made.nodes[at].id]));
  const nodes = done.content.nodes.map((node) => {
    const more = node.attach && !chosen.has(node.id) ? node.attach.filter((id) => twins.has(id) && covers.has(id)).map((id) => twins.get(id)) : [];
    return more.length && find(content, node.id) ? { ...node, attach: [...node.attach, ...more] } : node;
  });
  return { content: { ...done.content, nodes }, select: done.select };
}
