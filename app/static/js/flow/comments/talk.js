// Comments beside the flow: asked for when the page stands, again when somebody comes back to it and once a minute. No React here.
import { readUpto } from './model.js';

const EVERY_MS = 60_000;

export class Talk {
  constructor(editor, call) {
    this.editor = editor;
    this.call = call;
    this.url = editor.boot.urls.comments;
    this.unsent = new Map(); // place → words that are not sent yet
    this.asked = 0;
  }

  /** Begin to listen; gives the function that stops it. */
  start() {
    const look = () => document.visibilityState === 'visible' && this.refresh();
    const timer = setInterval(look, EVERY_MS);
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }

  /** What cannot be asked for now is asked for the next time; what was told before stays. */
  refresh() {
    return this.ask('GET', this.url).catch((error) => this.editor.set({ talkError: error.answer?.message || this.editor.t('not_reached') }));
  }

  /** Of two answers the one to the later question counts. */
  async ask(method, url, body) {
    this.asked += 1;
    const turn = this.asked;
    const { threads } = await this.call(method, url, body);
    if (turn === this.asked) this.editor.set({ threads, talkError: '' });
  }

  /** Do something; gives the words in which it was refused, or "". */
  async say(method, url, body) {
    try {
      await this.ask(method, url, body);
      return '';
    } catch (error) {
      return error.answer?.message || this.editor.t('not_reached');
    }
  }

  /** `place`: {id: of this very comment, step, name} or {id, thread}. */
  write(place, text) {
    return this.say('POST', this.url, { ...place, text });
  }

  resolve(thread, done) {
    return this.say('POST', `${this.url}/${thread}/resolved`, { done });
  }

  remove(id) {
    return this.say('DELETE', `${this.url}/${id}`);
  }

  /** These threads stand before somebody's eyes. */
  seen(threads) {
    const upto = readUpto(threads);
    if (upto) this.say('POST', `${this.url}/seen`, { steps: [...new Set(threads.map((one) => one.step))], upto });
  }
}

/** An id for a comment: sending it twice writes it once. Where the page is not served safely there is no randomUUID. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
