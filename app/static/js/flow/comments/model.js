// Threads of comments as the server tells them: what of them a step, a card and a list show. Pure.

const isUnread = (thread) => thread.comments.some((one) => one.unread);

const counted = new WeakMap(); // threads → step → {open, unread}: every card asks for its own at every change
const NONE = { open: 0, unread: 0 };

/** How many threads of a step are open, and how many comments in them the reader has not seen; without a step, of all. */
export function tally(threads, step = null) {
  if (!threads) return NONE;
  if (!counted.has(threads)) {
    const by = new Map();
    for (const thread of threads.filter((one) => !one.resolved)) for (const key of [thread.step, null]) {
      const { open, unread } = by.get(key) || NONE;
      by.set(key, { open: open + 1, unread: unread + thread.comments.filter((one) => one.unread).length });
    }
    counted.set(threads, by);
  }
  return counted.get(threads).get(step) || NONE;
}

/** Groups {step, name, gone, threads}: those of the whole flow, then steps in the order given, last those at steps not in it. */
export function grouped(threads, order, resolved = false) {
  const groups = new Map();
  for (const thread of threads) {
    if (Boolean(thread.resolved) !== resolved) continue;
    if (!groups.has(thread.step)) groups.set(thread.step, { step: thread.step, name: thread.name, gone: Boolean(thread.step) && !order.includes(thread.step), threads: [] });
    groups.get(thread.step).threads.push(thread);
  }
  const place = (group) => (group.gone ? order.length + 1 : order.indexOf(group.step)); // the whole flow: -1
  return [...groups.values()].sort((one, other) => place(one) - place(other));
}

/** Up to when these threads are told, for "I have read them"; 0 where nothing in them is unread. */
export function readUpto(threads) {
  const all = threads.filter(isUnread).flatMap((thread) => thread.comments);
  return all.length ? Math.max(...all.map((one) => one.at)) : 0;
}

/** Open ones first, each in the order in which they were begun. */
export const openFirst = (threads) => [...threads.filter((one) => !one.resolved), ...threads.filter((one) => one.resolved)];

/** The first words of a thread. */
export const begins = (thread) => thread.comments.find((one) => one.text)?.text || '';
