// Lists of options. What was published is archived instead of deleted: it stays readable where it was chosen.
import { freshId } from './ids.js';

/** The lines a person pasted as labels: list marks, blanks and repeats fall away. */
export function pastedLabels(text, present = []) {
  const seen = new Set(present.map((label) => label.trim()));
  const out = [];
  for (const line of text.split(/\r?\n|\t/)) {
    const label = line.trim().replace(/^([-*•·]|\d{1,3}[.、)）])\s*/, '').slice(0, 200);
    if (label && !seen.has(label)) {
      seen.add(label);
      out.push(label);
    }
  }
  return out;
}

export function addOptions(options, labels, random) {
  const taken = new Set(options.map((option) => option.id));
  return [...options, ...labels.map((label) => ({ id: freshId('o_', /^[\x20-\x7e]+$/.test(label) ? label : '', taken, random), label }))];
}

/** Without the examples of a new field that nobody touched: their words, and not yet published. */
export const withoutExamples = (options, example, published) => options.filter((option) => !(typeof option.label === 'string' && example.test(option.label)) || (published?.has(option.id) ?? true));

export const setOption = (options, id, changes) => options.map((option) => (option.id === id ? { ...option, ...changes } : option));

export function moveOption(options, id, to) {
  const list = [...options];
  const from = list.findIndex((option) => option.id === id);
  if (from < 0 || to < 0 || to >= list.length) return options;
  list.splice(to, 0, ...list.splice(from, 1));
  return list;
}

/** A published option is archived (or taken back); one nobody can have chosen is deleted. */
export function dropOption(options, id, published) {
  if (!published) return options.filter((option) => option.id !== id);
  return options.map((option) => {
    if (option.id !== id) return option;
    const { archived, ...rest } = option;
    return archived ? rest : { ...rest, archived: true };
  });
}
