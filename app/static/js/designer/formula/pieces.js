// A formula's text as pieces: words and references. References show as chips and are stored as {{form.f_x}}.
import { everyField, find, named } from '../model/content.js';

const REF = /\{\{\s*([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)\s*\}\}/g;

/** [{text}|{ref}] in order. */
export function pieces(src) {
  const out = [];
  let from = 0;
  for (const found of (src || '').matchAll(REF)) {
    if (found.index > from) out.push({ text: src.slice(from, found.index) });
    out.push({ ref: found[1] });
    from = found.index + found[0].length;
  }
  if (src && from < src.length) out.push({ text: src.slice(from) });
  return out;
}

/** What a chip says; null for a reference that leads nowhere. */
export function refLabel(editor, content, path) {
  const parts = path.split('.');
  const known = editor.boot.catalog.refs.find((ref) => ref.ref === path);
  if (known) return editor.say(known.label);
  if (parts[0] === 'vars') return parts[1];
  const found = named(content, editor.kinds, path);
  if (!found) return null;
  return [found.field, found.column || found.part].filter(Boolean).map((one) => editor.say(one.label) || editor.t('unnamed')).join(editor.t('of'));
}

/** Every reference a formula may name: [{path, label, group}]; `table` = the sub-table the formula stands in. */
export function offered(editor, content, table, except) {
  const own = table ? (find(content, table)?.field.fields || []).filter((column) => column.id !== except).map((column) => ({ path: `row.${column.id}`, label: editor.label(column.id), group: editor.t('this_row') })) : [];
  const fields = everyField(content)
    .filter(({ field, parent }) => field.id !== except && parent?.id !== table && field.id !== table && editor.kind(field.type)?.stored)
    .flatMap(({ field, parent }) => (parent ? [`form.${parent.id}.${field.id}`] : [`form.${field.id}`, ...editor.kind(field.type).parts.map((part) => `form.${field.id}.${part.key}`)]))
    .map((path) => ({ path, label: refLabel(editor, content, path), group: editor.t('fields') }));
  const refs = editor.boot.catalog.refs.map((ref) => ({ path: ref.ref, label: editor.say(ref.label), group: editor.t('surroundings') }));
  return [...own, ...fields, ...refs];
}
