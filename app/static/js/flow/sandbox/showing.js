// Time travel over events, whoever made them: a sandbox's scenario or a real ticket. How many of them are shown, and what the canvas
// draws of these. No React here.
import { Store } from '../../shared/store.js';
import { litAt, lastStep, nextStep, nextWait } from './model.js';

const STEP_MS = 650;

export class Showing extends Store {
  /** `first`: the state to begin with; `stage` {events, names, start, at, real: times of the day} is what is shown, `count` how many of its events. */
  constructor(editor, first) {
    super({ stage: null, count: 0, playing: false, ...first });
    this.editor = editor;
    this.subscribe(() => this.light());
  }

  // ---- what the canvas shows ----

  light() {
    const { stage, count } = this.state;
    if (!stage?.events.length) {
      this.draw(null);
      return;
    }
    if (this.draw([stage, count], () => litAt(this.editor.content, stage.events, count, (event) => this.waits(event)))) this.follow();
  }

  /** Have the canvas light what `make` gives, unless that is what it shows; `about`: what it was made from, null for nothing. */
  draw(about, make = null) {
    const key = about && [...about, this.editor.content];
    const same = this.lit && key && key.length === this.lit.length && key.every((part, at) => part === this.lit[at]);
    if (same || (!key && !this.lit)) return false;
    this.lit = key;
    this.editor.set({ lit: make ? make() : null });
    return true;
  }

  /** The canvas comes to the step that the last event is about. */
  follow() {
    const { stage, count } = this.state;
    const last = stage.events.slice(0, count).findLast((event) => event.node && event.kind !== 'timer.armed');
    if (last && this.editor.exists(last.node)) this.editor.set({ goal: { id: last.node, n: (this.editor.state.goal?.n || 0) + 1 } });
  }

  dark() {
    this.stop();
    this.draw(null);
  }

  /** What a step waits for, from the event that said so. */
  waits(event) {
    const { t } = this.editor;
    if (!event) return '';
    if (event.kind === 'customer.asked') return t('sb_waits_customer');
    if (event.kind === 'event.awaited') return t('sb_waits_event');
    if (event.kind === 'job.queued') return t('sb_waits_system');
    const who = event.delta.assignee;
    if (who) return t('sb_waits_for', { who: this.name(who) });
    return t(event.delta.kind === 'claim' ? 'sb_waits_claim' : 'sb_waits_anyone');
  }

  name(id) {
    return this.state.stage?.names[id] || id;
  }

  // ---- on and back ----

  show(count) {
    this.stop();
    this.set({ count });
  }

  next = () => this.show(nextStep(this.state.stage.events, this.state.count));

  previous = () => this.show(lastStep(this.state.stage.events, this.state.count));

  toWait = () => this.show(nextWait(this.state.stage.events, this.state.count));

  toggle = () => {
    if (this.state.playing) {
      this.stop();
      return;
    }
    const { stage, count } = this.state;
    this.set({ playing: true, count: count >= stage.events.length ? 0 : count });
    this.ticking = setInterval(() => {
      const { events } = this.state.stage;
      const to = nextStep(events, this.state.count);
      this.set({ count: to });
      if (to >= events.length) this.stop();
    }, STEP_MS);
  };

  stop() {
    clearInterval(this.ticking);
    if (this.state.playing) this.set({ playing: false });
  }
}
