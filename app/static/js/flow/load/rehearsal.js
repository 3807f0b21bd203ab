// What the rooms of the rehearsal know: gaps, settings, a result, heat; and what of it the canvas shows. No React here.
import { Refused, Unreachable } from '../../designer/net.js';
import { Store } from '../../shared/store.js';
import { chosen, FIRST, gapBadges, heatBadges, loadBadges, planOf, same } from './model.js';

const REST_MS = 600;
const ASK_MS = 800;
const GONE = { state: 'gone' };

export class Rehearsal extends Store {
  constructor(editor, call) {
    super({
      room: 'gaps', // gaps | load | now
      gaps: null, settings: null, heat: null, // null: not asked yet
      error: null, // {room, message, flow: the flow itself cannot be read}
      choice: FIRST, other: null, // what is set; `other`: the people of plan B
      running: null, // {state, done, of, ahead, message} of the one that was asked for
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

  async enter(room) {
    this.set({ room, error: null });
    await this.fill();
    if (room === 'load') this.remember();
  }

  /** Ask for what the open room shows. */
  fill(anew = false) {
    const { room, gaps, settings, heat } = this.state;
    const { content } = this.editor;
    if (room === 'gaps' && (anew || !gaps)) return this.ask('gaps', () => this.call('POST', `${this.base}/gaps`, { content }), (answer) => ({ gaps: answer.gaps }));
    if (room === 'load' && (anew || !settings)) return this.ask('load', () => this.call('POST', `${this.base}/rehearse/settings`, { content, shares: this.state.choice.source }), (answer) => this.settled(answer));
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

  /** Where the shares of branches come from: real tickets, or saved scenarios. What was typed for them is forgotten. */
  from(source) {
    this.choose({ source, shares: {} });
    this.fill(true);
  }

  // ---- the rehearsal itself: a worker does it, the page asks how far it is ----

  async run() {
    const { choice, other } = this.state;
    const { content } = this.editor;
    this.set({ running: { done: 0, of: 0 }, error: null });
    await this.stopped; // else it might stop the one that begins now
    try {
      await this.stands((await this.call('POST', `${this.base}/rehearse`, { content, shares: choice.source, plan: planOf(choice), other: other ? planOf(choice, other) : null })).rehearsal, content);
    } catch (error) {
      this.refused('load', error);
    }
  }

  /** What this person asked for before the page was loaded: under way, or what came of it. */
  async remember() {
    if (this.state.running || this.state.result) return;
    try {
      const { rehearsal } = await this.call('GET', `${this.base}/rehearse`);
      if (!rehearsal) return;
      const before = this.state.choice.source;
      this.set(chosen(rehearsal.plans, rehearsal.shares));
      if (before !== rehearsal.shares) this.fill(true);
      await this.stands(rehearsal);
    } catch (error) {
      this.refused('load', error);
    }
  }

  /** Show how it stands, and ask again until it is over. `content`: the flow that it is about, where the page has it. */
  async stands(first, content = null) {
    const turn = (this.turn = Symbol('turn')); // of two that ask, the later one shows
    let rehearsal = first;
    while (rehearsal && (rehearsal.state === 'waiting' || rehearsal.state === 'running')) {
      this.set({ running: rehearsal });
      await new Promise((later) => { setTimeout(later, ASK_MS); });
      if (turn !== this.turn) return;
      rehearsal = (await this.asked()) || rehearsal;
      if (turn !== this.turn) return;
      if (rehearsal === GONE) rehearsal = null;
    }
    if (rehearsal?.state === 'done') this.done({ report: rehearsal.report, other: rehearsal.other, content: content || this.known(rehearsal.content) });
    else this.set({ running: null, ...(rehearsal ? { error: { room: 'load', message: rehearsal.message } } : {}) });
  }

  /** How it stands now; nothing when the server cannot be reached for a moment. */
  async asked() {
    try {
      return (await this.call('GET', `${this.base}/rehearse`)).rehearsal || GONE;
    } catch (error) {
      if (error instanceof Unreachable) return null;
      throw error;
    }
  }

  /** The flow on the canvas, if it still says what this one says. */
  known(content) {
    return same(content, this.editor.content) ? this.editor.content : content;
  }

  /** The canvas goes to where it hurts most. */
  done(result) {
    this.set({ running: null, result });
    const worst = result.report.bottleneck;
    if (worst && this.shown) this.editor.show(worst, { panel: false });
  }

  stop() {
    this.turn = null;
    this.set({ running: null });
    this.stopped = this.call('POST', `${this.base}/rehearse/stop`).catch((error) => this.refused('load', error));
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
