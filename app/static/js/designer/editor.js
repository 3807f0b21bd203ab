// The designer's state and what can be done to it. No React here: components read with useView and call actions.
import { cards, find, inReadingOrder, say } from './model/content.js';
import { History } from './model/history.js';
import { translator } from './words.js';

const FIRST = {
  selection: [], // ids of fields and columns, or one section; empty: the form itself
  findings: [],
  save: { state: 'saved', at: null, message: '' }, // saved | dirty | saving | offline | conflict | refused
  dialog: null, // {name, …}
  preview: false,
  tab: 'field', // of the panel: field | rules
  ruleId: null, // the rule opened in the panel
  announce: '',
  toast: null, // {words, steps}: what the command before also did
  carrying: null, // id of the field that is being dragged
  publishedTypes: new Map(), // id of a field or column in the newest version → its type there
  publishedIds: null, // ids in the newest version; null until they are known: then everything counts as published
  live: null, // the content that customers get, if nothing was changed since: the very object
  used: false, // a ticket type works with the form
  steps: 0, // counts commands: undo and redo buttons look again
};

export class Editor {
  constructor(boot) {
    this.boot = boot;
    this.locale = boot.locale;
    this.t = translator(boot.locale);
    this.kinds = new Map(boot.catalog.types.map((kind) => [kind.type, kind]));
    this.history = new History();
    this.listeners = new Set();
    this.state = { ...FIRST, content: boot.content, save: { ...FIRST.save, at: boot.saved?.at || null }, publishedIds: boot.published ? null : new Set(), live: boot.published && !boot.changed ? boot.content : null, used: boot.used };
  }

  get content() {
    return this.state.content;
  }

  say(text) {
    return say(text, this.locale);
  }

  kind(type) {
    return this.kinds.get(type) || null;
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(changes) {
    this.state = { ...this.state, ...changes };
    this.listeners.forEach((listener) => listener());
  }

  /** Do an edit as a command. `change` is the next definition or a function giving it; `key` joins typing in one place. */
  edit(label, change, { key = null, select = null } = {}) {
    const before = this.content;
    const after = typeof change === 'function' ? change(before) : change;
    if (after === before) return false;
    const selection = select || this.state.selection;
    this.history.push({ label, before, after, key, at: Date.now(), select: selection, selectBefore: this.state.selection });
    this.set({ content: after, selection, steps: this.state.steps + 1, announce: key ? this.state.announce : label });
    return true;
  }

  undo = () => this.travel(this.history.undo(), 'undone');

  redo = () => this.travel(this.history.redo(), 'redone');

  travel(step, word) {
    if (!step) return;
    const selection = step.select.filter((id) => this.exists(id, step.content));
    this.set({ content: step.content, selection, steps: this.state.steps + 1, announce: this.t(word, { what: step.label }) });
  }

  exists(id, content = this.content) {
    return Boolean(find(content, id) || (content.sections || []).some((section) => section.id === id));
  }

  /** Replace everything (another version, a colleague's draft) as one command. */
  replace(label, content) {
    this.edit(label, content, { select: [] });
  }

  /** `how`: "only", "toggle" (with Ctrl), "range" (with Shift, over fields in reading order). */
  select(id, how = 'only') {
    const { selection } = this.state;
    let next = id ? [id] : [];
    const fields = selection.filter((one) => find(this.content, one));
    if (how === 'toggle' && id && fields.length) next = selection.includes(id) ? fields.filter((one) => one !== id) : [...fields, id];
    if (how === 'range' && id && fields.length) {
      const order = inReadingOrder(this.content).filter((one) => Boolean(find(this.content, one).parent) === Boolean(find(this.content, id).parent));
      const [from, to] = [order.indexOf(fields[0]), order.indexOf(id)];
      if (from >= 0) next = from <= to ? order.slice(from, to + 1) : order.slice(to, from + 1).reverse(); // the last one leads
    }
    if (next.length === selection.length && next.every((one, at) => one === selection[at])) return;
    this.set({ selection: next, ruleId: null });
  }

  label(id) {
    const found = find(this.content, id);
    if (found) return this.say(found.field.label) || this.t('unnamed');
    const section = (this.content.sections || []).find((one) => one.id === id);
    return section ? this.say(section.title) : id;
  }

  cardIds() {
    return cards(this.content).map((card) => card.id);
  }

  open(dialog) {
    this.set({ dialog });
  }

  close = () => this.set({ dialog: null });

  /** Say what the last command also did, beside a button that undoes it. */
  toast(words) {
    this.set({ toast: { words, steps: this.state.steps } });
  }

  tell(message) {
    this.set({ announce: message });
  }
}
