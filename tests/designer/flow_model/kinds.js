// A few kinds as the catalogue describes them, and the complaint flow, for the tests of the flow designer's model.
import { readFileSync } from 'node:fs';

const kind = (type, more = {}) => ({ type, tv: 1, latest: true, label: { 'zh-CN': type, en: type }, group: type.split('.')[0], icon: 'box', hasInput: true, waits: false, attaches: false, pairs: null, gathers: false, ports: [{ id: 'out', label: '', optional: false }], portsFrom: null, config: [], starter: {}, ...more });
const port = (id, optional = false) => ({ id, label: { 'zh-CN': id, en: id }, optional });

const all = [
  kind('trigger.chat_sidebar', { hasInput: false }),
  kind('trigger.public_form', { hasInput: false }),
  kind('data.classify'),
  kind('branch.condition', { portsFrom: 'cases[].port', ports: [port('else')], starter: { cases: [{ port: 'c1', label: '情况 1' }] } }),
  kind('branch.parallel', { portsFrom: 'branches[].port', ports: [], pairs: 'branch.join', config: [{ key: 'join', widget: 'node' }], starter: { branches: [{ port: 'b1', label: '分支 1' }, { port: 'b2', label: '分支 2' }] } }),
  kind('branch.join', { pairs: 'branch.parallel', gathers: true, config: [{ key: 'fork', widget: 'node' }] }),
  kind('notify.staff'), kind('notify.customer', { ports: [port('out'), port('error', true)] }),
  kind('task.claim', { waits: true, ports: [port('claimed'), port('timeout', true)] }),
  kind('task.handle', { waits: true, portsFrom: 'actions[].port', ports: [], starter: { actions: [{ port: 'done', label: '处理完成' }] } }),
  kind('task.approval', { waits: true, ports: [port('approved'), port('rejected')] }),
  kind('assign.auto', { ports: [port('out'), port('none', true)] }), kind('assign.escalate'),
  kind('action.webhook', { waits: true, ports: [port('out'), port('error')] }),
  kind('wait.customer', { waits: true, ports: [port('received'), port('timeout', true)] }),
  kind('flow.loop', { ports: [port('again'), port('exhausted')] }),
  kind('flow.end', { ports: [] }),
  kind('timer.sla', { hasInput: false, attaches: true, portsFrom: 'levels[].port', ports: [], starter: { due: 'PT24H', levels: [{ port: 'l1', label: '已超时' }] } }),
];

export const KINDS = new Map(all.map((one) => [one.type, one]));
export const ofType = (type) => KINDS.get(type);

export const frozen = (part) => {
  if (part && typeof part === 'object') Object.values(Object.freeze(part)).forEach(frozen);
  return part;
};

const read = (name) => frozen(JSON.parse(readFileSync(new URL(`../../../app/definitions/library/restaurant_complaint/${name}`, import.meta.url), 'utf8')));
export const COMPLAINT = read('flow.json');

/** A flow from lines: "a:out>b" …; `types`: id → type. */
export function flow(types, lines, more = {}) {
  const nodes = Object.entries(types).map(([id, type]) => ({ id, type, tv: 1, name: id, config: structuredClone(KINDS.get(type)?.starter || {}), ...(more[id] || {}) }));
  const edges = lines.map((line, at) => {
    const [from, to] = line.split('>');
    return { id: `e${at + 1}`, from: from.includes(':') ? from : `${from}:out`, to: `${to}:in` };
  });
  return frozen({ schema: 'danflow/flow/1', key: 'k', name: 'F', nodes, edges });
}

export const lines = (content) => content.edges.map((edge) => `${edge.from}>${edge.to.split(':')[0]}`).sort();
export const ctx = { kinds: KINDS, locale: 'zh-CN' };

/** A stream of the same numbers every time. */
export function random(seed = 7) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}
