// What the rooms of the rehearsal know: gaps, settings, a result, heat; and what of it the canvas shows. No React here.
import { Refused } from '../../designer/net.js';
import { Store } from '../../shared/store.js';
import { FIRST, gapBadges, heatBadges, loadBadges, planOf } from './model.js';

const REST_MS = 600;

export class Rehearsal extends Store {
  constructor(editor, call) {
    super({
      room: 'gaps', // gaps | load | now
      gaps: null, settings: null, heat: null, // null: not asked yet
      error: null, // {room, message, flow: the flow itself cannot be read}
      choice: FIRST, other: null, // what is set; `other`: the people of plan B
      running: null, // {done, of}
      result: null, // {report, other, content: the flow that it is about}
    });
    this.editor = editor;
    this.call = call;
    this.base = editor.boot.urls.draft.replace(/\/draft$/, '');
    this.subscribe(() => this.light());
    editor.subscribe(() => this.look());
  }

  get shown() {
    return this.editor.state.dock === 'load';
  }

  /** The flow was changed: gaps and settings are asked for again, when somebody looks. */
  look() {
    const { content } = this.editor;
    if (content === this.seen) return;
    this.seen = content;
    clearTimeout(this.timer);
    if (this.shown) this.timer = setTimeout(() => this.fill(true), REST_MS);
    else this.state = { ...this.state, gaps: null, settings: null };
  }

  enter(room) {
    this.set({ room, error: null });
    this.fill();
  }

  /** Ask for what the open room shows. */
  fill(anew = false) {
    const { room, gaps, settings, heat } = this.state;
    const { content } = this.editor;
    if (room === 'gaps' && (anew || !gaps)) return this.ask('gaps', () => this.call('POST', `${this.base}/gaps`, { content }), (answer) => ({ gaps: answer.gaps }));
    if (room === 'load' && (anew || !settings)) return this.ask('load', () => this.call('POST', `${this.base}/rehearse/settings`, { content }), (answer) => this.settled(answer));
    if (room === 'now' && (anew || !heat)) return this.ask('now', () => this.call('GET', `${this.base}/heat`), (answer) => ({ heat: answer }));
    return null;
  }

  settled(settings) {
    const first = !this.state.settings && settings.tickets;
    return { settings, ...(first ? { choice: { ...this.state.choice, tickets: settings.tickets } } : {}) };
  }

  async ask(room, request, kept) {
    try {
      this.set({ ...kept(await request()), error: null });
    } catch (error) {
      this.refused(room, error);
    }
  }

  refused(room, error) {
    const told = error instanceof Refused ? error.answer.message : '';
    const flow = error instanceof Refused && (error.answer.code === 'invalid' || error.answer.code === 'sandbox_no_form');
    this.set({ error: { room, flow, message: told || this.editor.t('ld_unreachable') }, running: null });
  }

  choose(changes) {
    this.set({ choice: { ...this.state.choice, ...changes } });
  }

  // ---- the rehearsal itself ----

  async run() {
    const { choice, other } = this.state;
    const { content } = this.editor;
    this.stopping = new AbortController();
    this.set({ running: { done: 0, of: 0 }, error: null });
    try {
      const last = await this.read({ content, plan: planOf(choice), other: other ? planOf(choice, other) : null }, this.stopping.signal);
      if (last.refused) this.set({ running: null, error: { room: 'load', message: last.refused } });
      else this.done({ ...last, content });
    } catch (error) {
      if (this.stopping.signal.aborted) this.set({ running: null });
      else this.refused('load', error);
    }
  }

  /** The canvas goes to where it hurts most. */
  done(result) {
    this.set({ running: null, result });
    const worst = result.report.bottleneck;
    if (worst && this.shown) this.editor.show(worst, { panel: false });
  }

  stop() {
    this.stopping?.abort();
  }

  /** The lines of the answer as they come; the last one is what is asked for. */
  async read(body, signal) {
    const response = await fetch(`${this.base}/rehearse`, {
      method: 'POST', credentials: 'same-origin', signal, body: JSON.stringify(body),
      headers: { 'X-CSRFToken': this.editor.boot.csrf, 'Content-Type': 'application/json', Accept: 'application/x-ndjson' },
    });
    if (!response.ok) throw new Refused(response.status, await response.json().catch(() => null));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    let last = null;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        last = JSON.parse(line);
        if (last.of) this.set({ running: last });
      }
    }
    if (!last || last.of) throw new Error('cut short');
    return last;
  }

  // ---- what the canvas shows ----

  light() {
    const { room, gaps, result, heat } = this.state;
    const { t } = this.editor;
    const about = { gaps, load: result, now: heat }[room];
    const badges = !this.shown || !about ? {} : room === 'gaps' ? gapBadges(t, about) : room === 'load' ? loadBadges(t, about.report) : heatBadges(t, about);
    if (about === this.lit && this.shown === this.wasShown) return;
    this.lit = about;
    this.wasShown = this.shown;
    this.editor.set({ badges });
  }

  dark() {
    this.lit = null;
    this.wasShown = false;
    this.editor.set({ badges: {} });
  }
}
