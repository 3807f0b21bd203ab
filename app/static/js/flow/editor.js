// The flow designer's state and what can be done to it. No React here: components read with useView (../designer/use.js).
import { words as common, translator } from '../designer/words.js';
import { Commands } from '../shared/commands.js';
import { merged } from './model/compare.js';
import { find, kindOf, nameOf } from './model/content.js';
import { layout } from './model/layout.js';
import { cardSize } from './model/sizes.js';
import { words } from './words.js';

const FIRST = {
  selection: [], // ids of nodes; the last one leads
  edge: null, // id of the line that is picked, while no node is
  summaries: {}, // node id → its line, as of the last save
  view: 'guided', // guided | free | outline
  panel: false, // the panel stands over the canvas
  dock: null, // problems | sandbox | load | comments | null
  focusField: null, // {node, path}: the setting that the panel is to open
  place: null, // where the palette puts what is chosen: {edge} | {node, port} | {start: true}, with `at` {x, y} of the window
  goal: null, // {id, n}: the node that the canvas is to show; n counts
  lit: null, // {nodes: {id: visits}, edges: Set, active: {id: words}, ports: {"node:port": words}}, drawn by the canvas
  scenario: null, // place of the saved scenario that the sandbox is to open
  badges: {}, // node id → [{kind, words, level}], drawn on the cards
  compare: null, // {title, content, nodes, edges, counts}: another version beside this one on the canvas (model/compare.js)
  threads: null, // comments beside the flow as the server tells them (comments/talk.js); null: not known
  talkError: '', // why they are not known, or may be old
  find: false, // the search over the steps is open
  form: null, // {key, title, version, content}: the form that the flow works with
  asked: null, // {by, note}: the branch's people ask for the merge
  afterwards: null, // the window that opens again when the comparison on the canvas is left
  live: null, // the content in force, if nothing was changed since: the very object
  used: false, // a ticket type runs on the flow
};

export class Editor extends Commands {
  constructor(boot) {
    super(boot, translator(boot.locale, { ...common, ...words }), { ...FIRST, content: boot.content, findings: boot.findings || [], summaries: boot.summaries || {}, form: boot.form || null, used: Boolean(boot.used), asked: boot.branch?.requested || null, live: boot.published && !boot.changed ? boot.content : null });
    this.groups = new Map(boot.catalog.node_groups.map((group) => [group.id, group]));
    this.kinds = new Map(boot.catalog.nodes.map((kind) => [`${kind.type}@${kind.tv}`, kind]));
    for (const kind of boot.catalog.nodes) if (kind.latest || !this.kinds.has(kind.type)) this.kinds.set(kind.type, kind);
    this.laid = { content: null, summaries: null, is: null };
  }

  kind(type) {
    return this.kinds.get(type) || null;
  }

  /** What edits need besides the content. */
  get ctx() {
    return { kinds: this.kinds, locale: this.content.locale || this.locale };
  }

  /** What the canvas shows: this flow, or two versions of it at once. */
  get shown() {
    return this.state.compare?.content || this.content;
  }

  node(id) {
    return find(this.shown, id);
  }

  kindOf(id) {
    return kindOf(this.kinds, this.node(id), this.shown);
  }

  /** Compare an older content on the canvas with this flow, or with `now`; `title` says which it is. null: no longer. */
  compareWith(old, title = '', now = this.content) {
    const { afterwards } = this.state;
    this.set({ compare: old && { title, ...merged(old, now) }, afterwards: null, ...(!old && afterwards ? { dialog: afterwards } : {}), selection: [], edge: null, place: null, panel: false, ...(old && this.state.view === 'outline' ? { view: 'guided' } : {}) });
  }

  exists(id, content = this.content) {
    return Boolean(find(content, id));
  }

  label(id) {
    const node = this.node(id);
    return node ? nameOf(node, this.kinds, this.locale) : id;
  }

  /** How large the card of a node is, with the lines that stand on it. */
  size(node) {
    return cardSize(nameOf(node, this.kinds, this.locale), this.state.summaries[node.id] || '');
  }

  /** Where everything stands when it is laid out; counted once for a content. */
  layout(content = this.shown) {
    const { summaries } = this.state;
    if (this.laid.content !== content || this.laid.summaries !== summaries) {
      this.laid = { content, summaries, is: layout(content, this.kinds, (id) => this.size(find(content, id))) };
    }
    return this.laid.is;
  }

  /** Where each step is shown in the free view: where it was put, else where it is laid out. */
  places() {
    const { nodes } = this.layout();
    const pos = this.state.compare ? {} : this.content.layout?.pos || {};
    return new Map([...nodes].map(([id, place]) => [id, pos[id] ? { ...place, ...pos[id] } : place]));
  }

  /** The tone of a kind's group: brand, violet, amber, green, teal or sub. */
  tone(kind) {
    return this.groups.get(kind.group)?.tone || 'sub';
  }

  /** `how`: "only" or "toggle" (with Ctrl or Shift). */
  select(id, how = 'only') {
    const { selection } = this.state;
    let next = id ? [id] : [];
    if (how === 'toggle' && id) next = selection.includes(id) ? selection.filter((one) => one !== id) : [...selection, id];
    if (next.length === selection.length && next.every((one, at) => one === selection[at]) && !this.state.edge) return;
    this.set({ selection: next, edge: null });
  }

  checked(answer) {
    this.set({ findings: answer.findings || [], ...(answer.summaries ? { summaries: answer.summaries } : {}) });
  }

  /** Select a node and bring it into sight; with `path` its setting is opened in the panel. */
  show(id, { path = null, panel = true } = {}) {
    if (!this.exists(id)) return;
    this.set({ selection: [id], edge: null, panel, goal: { id, n: (this.state.goal?.n || 0) + 1 }, focusField: path ? { node: id, path } : null });
  }
}
