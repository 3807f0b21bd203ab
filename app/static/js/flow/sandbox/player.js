// The sandbox's state: the saved scenarios, the one that is open, what came of it, and how much of that is shown. The server plays
// a scenario anew after every change; nothing is kept there but what is saved. No React here.
import { Refused } from '../../designer/net.js';
import * as model from './model.js';

const REST_MS = 350;
const STEP_MS = 650;

export class Player {
  constructor(editor, call) {
    this.editor = editor;
    this.call = call;
    this.base = editor.boot.urls.draft.replace(/\/draft$/, '');
    this.listeners = new Set();
    this.asked = 0;
    this.state = {
      file: null, rev: 0, // the saved file and its revision
      open: null, // place of the open scenario in the file; -1: not saved yet
      draft: null, // the open scenario as it is now
      begun: true, // false: its beginning is being filled in
      stage: null, count: 0, // what came of it, and how many of its events are shown
      busy: false, error: null, // {message, flow: the flow itself cannot be read}
      playing: false, results: null, cover: null, covering: false, said: null, gone: null,
    };
    editor.subscribe(() => this.look());
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(changes) {
    this.state = { ...this.state, ...changes };
    this.light();
    this.listeners.forEach((listener) => listener());
  }

  get scenarios() {
    return this.state.file?.scenarios || [];
  }

  /** The flow was changed: what is shown is played again, and what all of them said no longer counts. */
  look() {
    const { content } = this.editor;
    if (content === this.seen) return;
    this.seen = content;
    if (this.state.results) this.set({ results: null, cover: null, covering: false });
    if (this.state.draft && this.editor.state.dock === 'sandbox') this.soon();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.play(), REST_MS);
  }

  // ---- what the canvas shows ----

  light() {
    if (this.editor.state.dock !== 'sandbox') return;
    const { stage, count, covering, cover } = this.state;
    const { t, content } = this.editor;
    let lit = null;
    if (covering && cover) lit = model.covered(content, cover.taken, t('sb_never'));
    else if (stage?.events.length && this.state.begun) lit = model.litAt(content, stage.events, count, (event) => this.waits(event));
    const key = lit && [stage, count, covering, cover, content];
    if (this.lit && key && key.every((part, at) => part === this.lit[at])) return;
    if (!lit && !this.lit) return;
    this.lit = key;
    this.editor.set({ lit });
    if (lit && !covering) this.follow(stage.events, count);
  }

  /** The canvas shows the step that the last event is about. */
  follow(events, count) {
    const last = events.slice(0, count).findLast((event) => event.kind === 'node.entered' || (event.node && event.kind !== 'timer.armed'));
    if (last && this.editor.exists(last.node)) this.editor.set({ goal: { id: last.node, n: (this.editor.state.goal?.n || 0) + 1 } });
  }

  dark() {
    this.stop();
    this.lit = null;
    this.editor.set({ lit: null });
  }

  waits(event) {
    const { t } = this.editor;
    if (!event) return '';
    if (event.kind === 'customer.asked') return t('sb_waits_customer');
    if (event.kind === 'job.queued') return t('sb_waits_system');
    const who = event.delta.assignee;
    if (who) return t('sb_waits_for', { who: this.name(who) });
    return t(event.delta.kind === 'claim' ? 'sb_waits_claim' : 'sb_waits_anyone');
  }

  name(id) {
    return this.state.stage?.names[id] || id;
  }

  // ---- opening ----

  async load() {
    if (this.state.file || this.loading) return;
    this.loading = true;
    try {
      const { content, rev } = await this.call('GET', `${this.base}/scenarios`);
      this.set({ file: content, rev, error: null });
    } catch (error) {
      this.set({ error: { message: error.message } });
    } finally {
      this.loading = false;
    }
  }

  open(at) {
    this.stop();
    this.set({ open: at, draft: this.scenarios[at], begun: true, stage: null, count: 0, covering: false, said: null });
    this.play();
  }

  close() {
    this.stop();
    this.asked += 1;
    this.set({ open: null, draft: null, stage: null, busy: false, said: null });
  }

  /** A new scenario begins with the first way in. */
  begin(at) {
    const trigger = (this.editor.content.nodes || []).find((node) => this.editor.kindOf(node.id)?.group === 'trigger');
    const draft = { name: '', ...(trigger ? { trigger: trigger.id } : {}), at, form: {}, ...(this.state.file?.org ? {} : { org: 'company' }), script: [] };
    this.stop();
    this.set({ open: -1, draft, begun: false, stage: null, count: 0, covering: false, said: null });
    this.play({ fill: true });
  }

  change(draft, { soon = false, fill = false } = {}) {
    this.set({ draft });
    if (soon) this.soon();
    else this.play({ fill });
  }

  // ---- playing ----

  /** Have the scenario played. `fill`: required answers that are missing are filled in from samples. */
  async play({ fill = false } = {}) {
    clearTimeout(this.timer);
    this.asked += 1;
    const mine = this.asked;
    this.set({ busy: true });
    try {
      const scenario = { ...this.state.draft, name: this.state.draft.name || this.editor.t('sb_new_name') };
      const stage = await this.call('POST', `${this.base}/simulate`, { content: this.editor.content, scenario });
      if (mine !== this.asked) return;
      const form = fill ? model.filled(stage.opening, this.state.draft.form || {}) : null;
      if (form && Object.keys(form).length > Object.keys(this.state.draft.form || {}).length) {
        this.set({ draft: { ...this.state.draft, form } });
        await this.play();
        return;
      }
      this.set({ stage, busy: false, error: null, count: stage.events.length });
    } catch (error) {
      if (mine !== this.asked) return;
      const flow = error instanceof Refused && (error.answer.problems || []).some((one) => /^(nodes|edges|vars)\b/.test(one.where));
      this.set({ busy: false, error: { message: error.message, flow }, stage: null });
    }
  }

  /** Somebody does something at the moment that is shown last. */
  act(step, wait) {
    const { draft, stage } = this.state;
    this.change(model.record(draft, step, stage.at - stage.start, wait));
  }

  waitUntil(due) {
    const { draft, stage } = this.state;
    this.change(model.waited(draft, due - stage.start));
  }

  undo() {
    this.change(model.undone(this.state.draft));
  }

  show(count) {
    this.stop();
    this.set({ count });
  }

  next = () => this.show(model.nextStep(this.state.stage.events, this.state.count));

  previous = () => this.show(model.lastStep(this.state.stage.events, this.state.count));

  toWait = () => this.show(model.nextWait(this.state.stage.events, this.state.count));

  toggle = () => {
    if (this.state.playing) {
      this.stop();
      return;
    }
    const { stage, count } = this.state;
    this.set({ playing: true, count: count >= stage.events.length ? 0 : count });
    this.ticking = setInterval(() => {
      const { events } = this.state.stage;
      const to = model.nextStep(events, this.state.count);
      this.set({ count: to });
      if (to >= events.length) this.stop();
    }, STEP_MS);
  };

  stop() {
    clearInterval(this.ticking);
    if (this.state.playing) this.set({ playing: false });
  }

  // ---- all of them ----

  async runAll() {
    this.set({ busy: true, said: null });
    try {
      const { results, percent, taken } = await this.call('POST', `${this.base}/scenarios/run`, { content: this.editor.content });
      this.set({ results, cover: { percent, taken }, busy: false, error: null });
      this.editor.tell(this.editor.t('sb_passed', { n: results.filter((one) => one.ok).length, all: results.length }));
    } catch (error) {
      const flow = error instanceof Refused && (error.answer.problems || []).length > 0;
      this.set({ busy: false, error: { message: error.message, flow } });
    }
  }

  cover() {
    this.stop();
    this.set({ covering: !this.state.covering });
  }

  // ---- saving ----

  async save(draft) {
    const place = this.state.open >= 0 ? this.state.open : this.scenarios.length;
    const scenarios = [...this.scenarios.slice(0, place), draft, ...this.scenarios.slice(place + 1)];
    const done = await this.put(scenarios, draft.name);
    if (done) {
      this.set({ open: place, draft });
      await this.play();
    }
    return done;
  }

  async drop(at) {
    const gone = { at, scenario: this.scenarios[at] };
    if (await this.put(this.scenarios.filter((_, place) => place !== at), null)) {
      this.set({ gone });
      if (this.state.open === at) this.close();
      else if (this.state.open > at) this.set({ open: this.state.open - 1 });
    }
  }

  async bringBack() {
    const { at, scenario } = this.state.gone;
    if (await this.put([...this.scenarios.slice(0, at), scenario, ...this.scenarios.slice(at)], scenario.name)) this.set({ gone: null });
  }

  async put(scenarios, name) {
    const { t } = this.editor;
    const content = { ...this.state.file, scenarios };
    try {
      const { rev } = await this.call('PUT', `${this.base}/scenarios`, { rev: this.state.rev, content });
      this.set({ file: content, rev, results: null, cover: null, covering: false, gone: null, said: name ? { ok: true, words: t('sb_saved', { what: name }) } : null });
      return true;
    } catch (error) {
      if (error instanceof Refused && error.status === 409 && error.answer.content) {
        const at = error.answer.content.scenarios.findIndex((one) => one.name === this.state.draft?.name);
        this.set({ file: error.answer.content, rev: error.answer.rev, open: this.state.open === null ? null : at, said: { ok: false, words: t('sb_conflict') } });
      } else {
        const why = error instanceof Refused ? [error.message, ...(error.answer.problems || []).slice(0, 2).map((one) => one.message)].join(' ') : error.message;
        this.set({ said: { ok: false, words: t('sb_not_saved', { why }) } });
      }
      return false;
    }
  }
}
