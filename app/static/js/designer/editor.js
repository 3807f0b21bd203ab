// The designer's state and what can be done to it. No React here: components read with useView and call actions.
import { Commands } from '../shared/commands.js';
import { cards, find, inReadingOrder } from './model/content.js';
import { translator } from './words.js';

const FIRST = {
  selection: [], // ids of fields and columns, or one section; empty: the form itself
  preview: false,
  tab: 'field', // of the panel: field | rules
  ruleId: null, // the rule opened in the panel
  carrying: null, // id of the field that is being dragged
  publishedTypes: new Map(), // id of a field or column in the newest version → its type there
  publishedIds: null, // ids in the newest version; null until they are known: then everything counts as published
  live: null, // the content that customers get, if nothing was changed since: the very object
  used: false, // a ticket type works with the form
};

export class Editor extends Commands {
  constructor(boot) {
    super(boot, translator(boot.locale), { ...FIRST, content: boot.content, publishedIds: boot.published ? null : new Set(), live: boot.published && !boot.changed ? boot.content : null, used: boot.used });
    this.kinds = new Map(boot.catalog.types.map((kind) => [kind.type, kind]));
  }

  kind(type) {
    return this.kinds.get(type) || null;
  }

  exists(id, content = this.content) {
    return Boolean(find(content, id) || (content.sections || []).some((section) => section.id === id));
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
}
