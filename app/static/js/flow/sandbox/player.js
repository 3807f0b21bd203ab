// The sandbox's state: the saved scenarios, the one that is open, what came of it, and how much of that is shown. The server plays
// a scenario anew after every change; nothing is kept there but what is saved. No React here.
import { Refused } from '../../designer/net.js';
import * as model from './model.js';
import { Showing } from './showing.js';

const REST_MS = 350;

export class Player extends Showing {
  constructor(editor, call) {
    super(editor, {
      file: null, rev: 0, // the saved file and its revision
      open: null, // place of the open scenario in the file; -1: not saved yet
      draft: null, // the open scenario as it is now
      begun: true, // false: its beginning is being filled in
      busy: false, error: null, // {message, flow: the flow itself cannot be read}
      results: null, cover: null, covering: false, said: null, gone: null,
      replay: null, // {rows, total, over}: last month's tickets through this flow
    });
    this.call = call;
    this.base = editor.boot.urls.draft.replace(/\/draft$/, '');
    this.asked = 0;
    editor.subscribe(() => this.look());
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
    if (this.state.replay) this.close();
    if (this.state.draft && this.editor.state.dock === 'sandbox') this.soon();
  }

  /** What no scenario tries, while that is asked for; else the path of the one that is open. */
  light() {
    if (this.editor.state.dock !== 'sandbox') return;
    const { covering, cover, begun } = this.state;
    if (covering && cover) this.draw([cover], () => model.covered(this.editor.content, cover.taken, this.editor.t('sb_never')));
    else if (begun) super.light();
    else this.draw(null);
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.play(), REST_MS);
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
    this.set({ open: at, draft: this.scenarios[at], begun: true, stage: null, count: 0, covering: false, said: null, replay: null });
    this.play();
  }

  close() {
    this.stop();
    this.asked += 1;
    this.set({ open: null, draft: null, stage: null, busy: false, said: null, replay: null });
  }

  /** A new scenario begins with the first way in. */
  begin(at) {
    const trigger = (this.editor.content.nodes || []).find((node) => this.editor.kindOf(node.id)?.group === 'trigger');
    const draft = { name: '', ...(trigger ? { trigger: trigger.id } : {}), at, form: {}, ...(this.state.file?.org ? {} : { org: 'company' }), script: [] };
    this.stop();
    this.set({ open: -1, draft, begun: false, stage: null, count: 0, covering: false, said: null, replay: null });
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

  /** Last month's tickets, a few in each call, until the last one or until somebody stops it. */
  async replay() {
    this.close();
    const mine = this.asked;
    let before = null;
    this.set({ replay: { rows: [], total: null, over: false }, error: null });
    do {
      try {
        const page = await this.call('POST', `${this.base}/replay`, { content: this.editor.content, before });
        if (mine !== this.asked) return;
        before = page.next;
        this.set({ replay: { rows: [...this.state.replay.rows, ...page.rows], total: page.total, over: before === null } });
      } catch (error) {
        if (mine === this.asked) this.set({ replay: null, error: { message: error.message, flow: error instanceof Refused && (error.answer.problems || []).length > 0 } });
        return;
      }
    } while (before !== null);
  }

  endReplay() {
    this.asked += 1;
    this.set({ replay: { ...this.state.replay, over: true } });
  }

  cover() {
    this.stop();
    this.set({ covering: !this.state.covering });
  }

  // ---- saving ----

  async save(draft) {
    const place = this.state.open >= 0 ? this.state.open : this.scenarios.length;
    const scenarios = [...this.scenarios.slice(0, place), draft, ...this.scenarios.slice(place + 1)];
    const done = await this.put({ scenarios }, draft.name);
    if (done) {
      this.set({ open: place, draft });
      await this.play();
    }
    return done;
  }

  /** The scenarios of another flow's file, told for this one, behind those that are there. */
  async bring(file) {
    const { t } = this.editor;
    this.set({ busy: true, said: null });
    try {
      const content = model.parsed(await file.text());
      if (content === null) throw new Error(t('sb_not_file'));
      const { scenarios, org, lost } = await this.call('POST', `${this.base}/scenarios/bring`, { content: this.editor.content, file: content });
      this.set({ busy: false });
      const words = t(lost.length ? 'sb_brought_lost' : 'sb_brought', { n: scenarios.length, what: lost.join(t('comma')) });
      if (await this.put(model.joined(this.state.file, scenarios, org), null)) this.set({ said: { ok: !lost.length, words } });
    } catch (error) {
      this.set({ busy: false, said: { ok: false, words: t('sb_not_saved', { why: reasons(error) }) } });
    }
  }

  async drop(at) {
    const gone = { at, scenario: this.scenarios[at] };
    if (await this.put({ scenarios: this.scenarios.filter((_, place) => place !== at) }, null)) {
      this.set({ gone });
      if (this.state.open === at) this.close();
      else if (this.state.open > at) this.set({ open: this.state.open - 1 });
    }
  }

  async bringBack() {
    const { at, scenario } = this.state.gone;
    if (await this.put({ scenarios: [...this.scenarios.slice(0, at), scenario, ...this.scenarios.slice(at)] }, scenario.name)) this.set({ gone: null });
  }

  /** Save the file with these parts of it changed. */
  async put(parts, name) {
    const { t } = this.editor;
    const content = { ...this.state.file, ...parts };
    try {
      const { rev } = await this.call('PUT', `${this.base}/scenarios`, { rev: this.state.rev, content });
      // what publishing said of the scenarios is said of those that were saved then
      this.editor.set({ findings: this.editor.state.findings.filter((one) => !/^scenario/.test(one.where || '')) });
      this.set({ file: content, rev, results: null, cover: null, covering: false, gone: null, said: name ? { ok: true, words: t('sb_saved', { what: name }) } : null });
      return true;
    } catch (error) {
      if (error instanceof Refused && error.status === 409 && error.answer.content) {
        const at = error.answer.content.scenarios.findIndex((one) => one.name === this.state.draft?.name);
        this.set({ file: error.answer.content, rev: error.answer.rev, open: this.state.open === null ? null : at, said: { ok: false, words: t('sb_conflict') } });
      } else {
        this.set({ said: { ok: false, words: t('sb_not_saved', { why: reasons(error) }) } });
      }
      return false;
    }
  }
}

/** Why something was refused, with the first places that are wrong. */
const reasons = (error) => [error.message, ...(error instanceof Refused ? error.answer.problems || [] : []).slice(0, 2).map((one) => one.message)].join(' ');
