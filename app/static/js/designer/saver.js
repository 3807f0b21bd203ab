// Saves the draft while people work: a short rest after the last edit, one request at a time, again after a lost
// connection. A colleague's newer draft stops it until a person has decided.
import { Refused, Unreachable } from './net.js';

const REST_MS = 700;
const RETRY_MS = [2000, 5000, 10_000, 20_000];

export class Saver {
  constructor(editor, call) {
    this.editor = editor;
    this.call = call;
    this.rev = editor.boot.rev;
    this.saved = editor.content;
    this.timer = null;
    this.tries = 0;
    this.busy = null;
    editor.subscribe(() => this.look());
    window.addEventListener('online', () => this.dirty && this.now());
    document.addEventListener('visibilitychange', () => document.hidden && this.dirty && this.now());
    window.addEventListener('beforeunload', (event) => this.dirty && event.preventDefault());
  }

  get dirty() {
    return this.editor.content !== this.saved;
  }

  show(state, more = {}) {
    this.editor.set({ save: { ...this.editor.state.save, message: '', ...more, state } });
  }

  look() {
    const { content, save } = this.editor.state;
    if (content === this.seen) return;
    this.seen = content;
    if (save.state === 'conflict') return;
    if (!this.dirty) {
      clearTimeout(this.timer);
      this.show('saved');
      return;
    }
    if (!this.busy && save.state !== 'dirty' && save.state !== 'offline') this.show('dirty');
    this.later(REST_MS);
  }

  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), ms);
  }

  /** Save what is not yet saved; resolves when nothing is left to save or saving has to wait. */
  async now() {
    clearTimeout(this.timer);
    if (this.busy) {
      await this.busy;
      return this.now();
    }
    if (!this.dirty || this.editor.state.save.state === 'conflict') return undefined;
    this.busy = this.put(this.editor.content);
    await this.busy;
    this.busy = null;
    if (this.editor.state.save.state === 'dirty') this.later(REST_MS);
    return undefined;
  }

  async put(content) {
    this.show('saving');
    try {
      const answer = await this.call('PUT', this.editor.boot.urls.draft, { rev: this.rev, content });
      this.rev = answer.rev;
      this.saved = content;
      this.tries = 0;
      this.show(this.dirty ? 'dirty' : 'saved', { at: Date.now() });
      if (!this.dirty) this.editor.checked(answer);
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error) {
    if (error instanceof Unreachable) {
      this.show('offline');
      this.later(RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)]);
    } else if (error instanceof Refused && error.status === 409) {
      this.show('conflict', { theirs: error.answer });
      this.editor.open({ name: 'conflict', theirs: error.answer });
    } else if (error instanceof Refused) {
      this.show('refused', { message: error.message });
      if (error.answer.findings) this.editor.set({ findings: error.answer.findings });
    } else throw error;
  }

  /** A published version becomes the draft (undo brings back what stood here). Rejects with the server's refusal. */
  async restore(version, label) {
    await this.now();
    const answer = await this.call('POST', this.editor.boot.urls.restore, { rev: this.rev, version });
    this.rev = answer.rev;
    this.saved = answer.restored;
    this.editor.replace(label, answer.restored);
    this.editor.set({ findings: answer.findings });
    this.show('saved', { at: Date.now() });
  }

  /** The colleague's draft becomes ours (undo brings ours back), or ours goes over it. */
  settle(theirs, keepMine) {
    this.rev = theirs.rev;
    this.saved = keepMine ? null : theirs.content;
    this.editor.close();
    this.show('saved');
    if (!keepMine) {
      this.editor.replace(this.editor.t('took_theirs'), theirs.content);
      this.editor.set({ findings: theirs.findings }); // nothing is saved that would bring them
    }
    return this.now();
  }
}
