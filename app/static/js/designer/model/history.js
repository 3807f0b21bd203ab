// Every edit is a command: execute gives the definition after it, revert the one before. Definitions share what did not
// change, so a command costs what it changed. Typing into one place within a breath is one command.

const BREATH_MS = 1500;
const MOST = 300;

export class History {
  constructor() {
    this.past = [];
    this.future = [];
  }

  /** Note an edit. `key` names the place typed into; `at` is the time in ms. */
  push({ label, before, after, key = null, at = 0, select = [], selectBefore = [] }) {
    this.future = [];
    const last = this.past[this.past.length - 1];
    if (key && last && last.key === key && at - last.at < BREATH_MS) {
      this.past[this.past.length - 1] = { ...last, after, at, select };
      return;
    }
    this.past.push({ label, before, after, key, at, select, selectBefore });
    if (this.past.length > MOST) this.past.shift();
  }

  get undoable() {
    return this.past[this.past.length - 1] || null;
  }

  get redoable() {
    return this.future[this.future.length - 1] || null;
  }

  /** {content, select, label} before the last command, or null. */
  undo() {
    const command = this.past.pop();
    if (!command) return null;
    this.future.push({ ...command, key: null });
    return { content: command.before, select: command.selectBefore, label: command.label };
  }

  redo() {
    const command = this.future.pop();
    if (!command) return null;
    this.past.push(command);
    return { content: command.after, select: command.select, label: command.label };
  }
}
