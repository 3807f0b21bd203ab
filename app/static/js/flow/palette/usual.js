// Which types come first in the palette: those this browser's person chose most, before that what most flows are made of.

const KEY = 'danflow.flow.used';
const BEGIN = ['task.handle', 'task.approval', 'branch.condition', 'notify.staff', 'notify.customer', 'flow.end'];
const SHOWN = 6;

const counts = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {}; // storage is shut, or holds something else: nobody has chosen anything
  }
};

/** Note that a type was chosen. */
export function used(type) {
  const all = counts();
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...all, [type]: (all[type] || 0) + 1 }));
  } catch {
    return; // a full or shut storage forgets it
  }
}

/** The kinds of a list that are used most, the most used first. */
export function usual(kinds) {
  const all = counts();
  const weight = (kind) => (all[kind.type] || 0) + (BEGIN.includes(kind.type) ? 1 - BEGIN.indexOf(kind.type) / 10 : 0);
  return kinds.filter((kind) => weight(kind) > 0).sort((one, other) => weight(other) - weight(one)).slice(0, SHOWN);
}
