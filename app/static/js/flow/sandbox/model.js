// What a played scenario shows at any moment, and what recording adds to it. Pure: events and scenarios in, plain values out.
const MINUTE = 60_000;
const STEPS = new Set(['node.entered', 'task.claimed', 'task.done', 'task.assigned', 'customer.answered', 'timer.fired', 'message.queued', 'job.done', 'owner.changed', 'ticket.closed', 'problem', 'comment', 'message.read', 'task.returned', 'task.recalled', 'sign.planned', 'sign.given', 'sign.cancelled', 'ticket.urged']);
const SIGN = 'sign';

/** Whether people would call it a step; a task that opens is one where it asks for an opinion. */
const isStep = (event) => STEPS.has(event.kind) || (event.kind === 'task.opened' && event.delta.kind === SIGN);

/** An ISO 8601 length (weeks to seconds) in milliseconds; 0 of what is none. */
export function lengthOf(text) {
  const found = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text || '');
  if (!found) return 0;
  const [weeks, days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part || 0));
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/** Milliseconds as a scenario writes them, to the second. */
export function iso(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [d, h, m, s] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const time = `${h ? `${h}H` : ''}${m ? `${m}M` : ''}${s ? `${s}S` : ''}`;
  return `P${d ? `${d}D` : ''}${time ? `T${time}` : ''}`.replace(/^P$/, 'PT0S');
}

/** When the last step of a script is done, counted from the start. */
export const recorded = (scenario) => (scenario.script || []).reduce((sum, step) => sum + lengthOf(step.after), 0);

/** The scenario with one more thing that somebody does, `wait` ms after the moment (`now`, from the start) that is shown. */
export function record(scenario, step, now, wait = 0) {
  const { until: _, ...rest } = scenario;
  const after = Math.max(0, now + wait - recorded(scenario));
  return { ...rest, script: [...(scenario.script || []), { ...(after ? { after: iso(after) } : {}), ...step }] };
}

/** The scenario in which the clock runs on to a moment (ms from the start). */
export const waited = (scenario, until) => ({ ...scenario, until: iso(until) });

/** Take the last thing back: time that was let go by, else the last step. */
export function undone(scenario) {
  if (scenario.until !== undefined) {
    const { until: _, ...rest } = scenario;
    return rest;
  }
  return { ...scenario, script: (scenario.script || []).slice(0, -1) };
}

/** Whether there is anything to take back. */
export const hasDone = (scenario) => scenario.until !== undefined || (scenario.script || []).length > 0;

/** The first `count` events as the canvas draws them: visits, lines, where the ticket stands. */
export function litAt(content, events, count, said = () => '') {
  const nodes = {};
  const edges = new Set();
  const stands = new Map(); // token → node
  const waits = {};
  const tasks = new Map(); // task → the event that opened it
  const ways = new Map((content.edges || []).map((edge) => [edge.from, edge.id]));
  for (const event of events.slice(0, count)) {
    const { kind, node, token } = event;
    if (kind === 'node.entered') {
      nodes[node] = (nodes[node] || 0) + 1;
      stands.set(token, node);
      delete waits[node];
    } else if (kind === 'node.left' || kind === 'token.cancelled') {
      stands.delete(token);
      delete waits[node];
      if (event.edge) edges.add(event.edge);
    } else if (kind === 'timer.fired' && event.port && !token) {
      nodes[node] = (nodes[node] || 0) + 1;
      const edge = ways.get(`${node}:${event.port}`);
      if (edge) edges.add(edge);
    } else if (['task.opened', 'customer.asked', 'job.queued', 'event.awaited'].includes(kind)) {
      waits[node] = event;
      if (kind === 'task.opened') tasks.set(event.delta.task, event);
    } else if (kind === 'task.assigned' && waits[node]) {
      const assigned = { ...waits[node], delta: { ...waits[node].delta, assignee: event.delta.to } };
      waits[node] = assigned;
      tasks.set(event.delta.task, assigned);
    } else if (kind === 'sign.given' || kind === 'sign.cancelled') waits[node] = tasks.get(event.delta.asks || event.delta.task) || waits[node];
    else if (kind === 'task.recalled') stands.set(token, node);
    else if (kind === 'ticket.closed') stands.clear();
  }
  const active = {};
  for (const node of stands.values()) active[node] = said(waits[node] || null) || ' ';
  return { nodes, edges, active, ports: {} };
}

/** How many events are shown after the next thing that people would call a step. */
export function nextStep(events, count) {
  let at = count;
  while (at < events.length && !isStep(events[at])) at += 1;
  return Math.min(at + 1, events.length);
}

/** The same one step back. */
export function lastStep(events, count) {
  let at = count - 1;
  while (at > 0 && !isStep(events[at - 1])) at -= 1;
  return Math.max(at, 0);
}

/** How many events are shown when the ticket next stands still: time goes by, or somebody has to do something. */
export function nextWait(events, count) {
  for (let at = count + 1; at < events.length; at += 1) if (events[at].t > events[at - 1].t || acts(events[at])) return at;
  return events.length;
}

const acts = (event) => event.actor?.type === 'person' && ['task.claimed', 'task.done', 'task.returned', 'sign.given'].includes(event.kind);

/** The lines of the log: what people would call a step, each with how many events are shown then. Of a real ticket `words` are those
    of its page; what it says nothing of there is left out here, but for the steps it comes to. */
export const story = (events) => events.flatMap((event, at) => (event.words || (isStep(event) && (event.words === undefined || event.kind === 'node.entered')) ? [{ ...event, shown: at + 1 }] : []));

/** Which ways out no scenario takes: {"node:port": words}; and what they take, as the canvas draws it. */
export function covered(content, taken, word) {
  const ports = {};
  const edges = new Set();
  const nodes = {};
  for (const edge of content.edges || []) {
    const count = taken[edge.from] || 0;
    if (!count) {
      ports[edge.from] = word;
      continue;
    }
    edges.add(edge.id);
    const [source, target] = [edge.from.split(':')[0], edge.to.split(':')[0]];
    nodes[source] = nodes[source] || 1;
    nodes[target] = nodes[target] || 1;
  }
  return { nodes, edges, active: {}, ports };
}

/** Answers from samples: of what is required, and nothing that was said already. */
export function filled(fields, answers) {
  const found = { ...answers };
  for (const field of fields) if (field.required && found[field.id] === undefined && field.sample) found[field.id] = field.sample.value;
  return found;
}

/** What somebody filled in at a step: only what they changed. */
export function given(fields, answers) {
  const known = new Set(fields.map((field) => field.id));
  return Object.fromEntries(Object.entries(answers).filter(([id, value]) => known.has(id) && value !== undefined && value !== ''));
}

/** An expectation without one of its parts. */
export function without(expect, part, key) {
  const value = expect[part];
  const { [part]: _, ...rest } = expect;
  if (key === null) return rest;
  if (Array.isArray(value)) {
    const left = value.filter((__, at) => at !== key);
    return left.length ? { ...expect, [part]: left } : rest;
  }
  const { [key]: __, ...left } = value;
  return Object.keys(left).length ? { ...expect, [part]: left } : rest;
}

/** A name that no saved scenario has. */
export function freeName(names, base) {
  if (!names.includes(base)) return base;
  let n = 2;
  while (names.includes(`${base} ${n}`)) n += 1;
  return `${base} ${n}`;
}

/** A length of time in the few units that people choose from: [amount, unit in ms]. */
export const UNITS = [['minutes', MINUTE], ['hours', 60 * MINUTE], ['days', 24 * 60 * MINUTE]];

/** What a file of definitions says; null if it cannot be read. */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A file of scenarios with those of another behind its own: names are made free, and whom they are played with comes along. */
export function joined(file, scenarios, org) {
  const all = [...file.scenarios];
  const own = file.org || (file.scenarios.length ? null : org);
  for (const one of scenarios) {
    const name = freeName(all.map((other) => other.name), one.name);
    all.push({ ...one, name, ...(org && own !== org && !one.org ? { org } : {}) });
  }
  return { scenarios: all, ...(own ? { org: own } : {}) };
}
