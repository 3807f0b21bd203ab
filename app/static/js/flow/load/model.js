// Numbers of a rehearsal as people read them, the plan that the server reads, and what the canvas shows. Pure.

const UNITS = [[86_400_000, 'ld_u_days'], [3_600_000, 'ld_u_hours'], [60_000, 'ld_u_minutes'], [1_000, 'ld_u_seconds']];
const MINUTE = 60_000;
export const BUSY = 0.85; // more than that leaves no slack

/** 「3.2 小时」. Working time has no days: nobody knows how long one is. */
export function long(t, ms, atWork = false) {
  const units = atWork ? UNITS.slice(1) : UNITS;
  const [unit, name] = units.find(([size]) => ms >= size) || units[units.length - 1];
  const count = ms / unit;
  return `${count < 10 ? Number(count.toFixed(1)) : Math.round(count)} ${t(name)}`;
}

export const percent = (share) => `${Math.round(share * 100)}%`;

export const FIRST = { tickets: 500, days: 1, peak: null, people: {}, takes: {}, answered: {}, shares: {}, source: 'history', seeds: 5 };

const iso = (minutes) => `PT${Math.round(minutes * 60)}S`;

/** The plan as the server reads it: only what was changed. `people`: those of plan A or B. */
export function planOf(choice, people = choice.people) {
  const plan = { tickets: choice.tickets, days: choice.days, seeds: choice.seeds };
  if (choice.peak) plan.peak = { ...choice.peak };
  const staff = Object.entries(people).map(([team, count]) => [team, { people: count }]);
  if (staff.length) plan.staff = Object.fromEntries(staff);
  const steps = {};
  for (const [id, takes] of Object.entries(choice.takes)) steps[id] = { least: iso(takes[0]), likely: iso(takes[1]), most: iso(takes[2]) };
  for (const [id, answered] of Object.entries(choice.answered)) steps[id] = { ...steps[id], answered };
  if (Object.keys(steps).length) plan.steps = steps;
  const ports = Object.entries(choice.shares).filter(([, shares]) => Object.values(shares).some((share) => share > 0));
  if (ports.length) plan.ports = Object.fromEntries(ports);
  return plan;
}

const minutes = (length) => Number(length.slice(2, -1)) / 60; // as `iso` writes it

/** The settings that these plans were made of: the way back of `planOf`. */
export function chosen({ plan, other }, source) {
  const steps = Object.entries(plan.steps || {});
  const people = (of) => Object.fromEntries(Object.entries(of.staff || {}).map(([team, staff]) => [team, staff.people]));
  const choice = {
    tickets: plan.tickets, days: plan.days, seeds: plan.seeds, peak: plan.peak || null, people: people(plan), shares: plan.ports || {}, source,
    takes: Object.fromEntries(steps.filter(([, step]) => step.likely).map(([id, step]) => [id, [step.least, step.likely, step.most].map(minutes)])),
    answered: Object.fromEntries(steps.filter(([, step]) => step.answered !== undefined).map(([id, step]) => [id, step.answered])),
  };
  return { choice, other: other ? people(other) : null };
}

/** Whether two values of JSON say the same, in whatever order. */
export function same(a, b) {
  if (a === b || !a || !b || typeof a !== 'object' || typeof b !== 'object') return a === b;
  const keys = Object.keys(a);
  return Array.isArray(a) === Array.isArray(b) && keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

/** [shortest, mostly, longest] in minutes, as the fields show them; of measured lengths the ends and the middle. */
export function minutesOf(takes) {
  const { kind, ms } = takes;
  const three = kind === 'mean' ? [0, ms[0], ms[0] * 3] : kind === 'marks' ? [ms[0], ms[Math.floor(ms.length / 2)], ms[ms.length - 1]] : ms;
  return three.map((one) => Math.round((one / MINUTE) * 10) / 10);
}

/** Three lengths put in order around the one that was just changed. */
export function inOrder(minutes, changed) {
  return minutes.map((one, at) => (at < changed ? Math.min(one, minutes[changed]) : at > changed ? Math.max(one, minutes[changed]) : one));
}

/** What the cards say after a rehearsal: node id → badges. */
export function loadBadges(t, report) {
  const badges = {};
  for (const step of report.steps) {
    if (!step.work) continue;
    const waits = step.wait95.mean >= MINUTE || step.longest.mean >= 1.5;
    const level = step.id === report.bottleneck ? 'error' : waits && (step.busy?.mean || 0) > BUSY ? 'warning' : 'info';
    badges[step.id] = [{ kind: 'load', level, words: waits ? t('ld_badge', { queue: Math.round(step.longest.mean), wait: long(t, step.wait95.mean) }) : t('ld_badge_calm') }];
    if (step.stuck.mean >= 0.5) badges[step.id].push({ kind: 'stuck', level: 'error', words: t('ld_badge_parked', { n: Math.round(step.stuck.mean) }) });
  }
  return badges;
}

/** What the cards say of real tickets. */
export function heatBadges(t, heat) {
  const badges = {};
  for (const [id, one] of Object.entries(heat.nodes)) {
    const found = [];
    if (one.waiting) found.push({ kind: 'now', level: 'info', words: t('ld_badge_now', { n: one.waiting }) });
    if (one.p50) found.push({ kind: 'dwell', level: 'info', words: t('ld_badge_dwell', { time: long(t, one.p50) }) });
    if (one.breached) found.push({ kind: 'breached', level: 'warning', words: t('ld_badge_breached', { n: one.breached }) });
    if (one.parked) found.push({ kind: 'parked', level: 'error', words: t('ld_badge_parked', { n: one.parked }) });
    if (found.length) badges[id] = found;
  }
  return badges;
}

/** What the cards say of gaps. */
export function gapBadges(t, gaps) {
  const badges = {};
  for (const gap of gaps) {
    if (!gap.node || gap.level === 'advice') continue;
    badges[gap.node] ||= [{ kind: 'gap', level: gap.level, words: t('ld_gaps') }];
  }
  return badges;
}

/** The rows in which two reports are compared: [words, a, b, whether less is better]. */
export function compared(t, a, b) {
  const rows = [
    [t('ld_ab_spent'), long(t, a.run.spent95.mean), long(t, b.run.spent95.mean)],
    [t('ld_ab_closed'), Math.round(a.run.closed_in_time.mean), Math.round(b.run.closed_in_time.mean)],
  ];
  a.teams.forEach((team, at) => {
    const other = b.teams[at];
    if (team.wait95.mean < MINUTE && other.wait95.mean < MINUTE) return;
    rows.push([t('ld_ab_team', { team: team.name }), long(t, team.wait95.mean, true), long(t, other.wait95.mean, true)]);
    rows.push([t('ld_ab_busy', { team: team.name }), percent(team.busy.mean), percent(other.busy.mean)]);
  });
  a.clocks.forEach((clock, at) => rows.push([t('ld_ab_overdue', { clock: clock.name }), Math.round(clock.overdue.mean), Math.round(b.clocks[at].overdue.mean)]));
  return rows;
}
