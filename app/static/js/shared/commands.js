// What both designers are built on: edits as commands that can be undone. No React here.
import { say } from '../designer/model/content.js';
import { History } from '../designer/model/history.js';
import { Store } from './store.js';

export class Commands extends Store {
  /** `first`: the state to begin with, above all `content`; `t`: the words. */
  constructor(boot, t, first) {
    super({ selection: [], findings: [], dialog: null, announce: '', toast: null, steps: 0, save: { state: 'saved', at: boot.saved?.at || null, message: '' }, ...first });
    this.boot = boot;
    this.locale = boot.locale;
    this.t = t;
    this.history = new History();
  }

  get content() {
    return this.state.content;
  }

  say(text) {
    return say(text, this.locale);
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

  /** Replace everything (another version, a colleague's draft) as one command. */
  replace(label, content) {
    this.edit(label, content, { select: [] });
  }

  /** The server has saved or checked the content of now. */
  checked(answer) {
    this.set({ findings: answer.findings || [] });
  }

  open(dialog) {
    this.set({ dialog });
  }

  close = () => this.set({ dialog: null });

  /** Say what the last command also did, beside a button that undoes it; `back` false: what was not done. */
  toast(words, back = true) {
    this.set({ toast: { words, back, steps: this.state.steps } });
  }

  tell(message) {
    this.set({ announce: message });
  }
}
