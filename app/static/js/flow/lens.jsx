// The flow's form seen through the form designer's eyes: conditions, values and chips are drawn by its components, which ask an
// editor of a form. Variables of the flow stand beside the form's fields.
import { useMemo } from 'react';
import { everyField, find, say } from '../designer/model/content.js';
import { EditorContext, useEditor, useView } from '../designer/use.js';

const NO_FORM = { fields: [], sections: [] };

/** What a condition on a variable may be compared with. */
const choices = (variable) => (variable.type === 'choice' ? { options: (variable.values || []).map((value) => ({ id: value, label: value })) } : null);

/** An editor of the form, as far as reading goes. */
export function lensOf(editor, form, vars) {
  const content = form?.content || NO_FORM;
  const { catalog } = editor.boot;
  const types = new Map(catalog.var_types.map((one) => [one.id, one.type]));
  const variables = (vars || []).filter((one) => one?.key).map((one) => ({ ref: `vars.${one.key}`, label: one.name || one.key, type: types.get(one.type) || 'text', field: choices(one) }));
  const kinds = new Map(catalog.types.map((kind) => [kind.type, kind]));
  const lens = {
    locale: editor.locale, t: editor.t, content, kinds, state: { content, findings: [] },
    boot: { ...editor.boot, ...editor.boot.company, catalog: { ...catalog, refs: [...catalog.flow_refs, ...variables] } },
    say: (text) => say(text, editor.locale),
    kind: (type) => kinds.get(type) || null,
    label: (id) => say(find(content, id)?.field.label, editor.locale) || say((content.sections || []).find((one) => one.id === id)?.title, editor.locale) || id,
    subscribe: () => () => {},
    tell: editor.tell.bind(editor),
  };
  return lens;
}

/** The lens of now; the same object while form and variables are. */
export function useLens() {
  const editor = useEditor();
  const form = useView((state) => state.form);
  const vars = useView((state) => state.content.vars);
  return useMemo(() => lensOf(editor, form, vars), [editor, form, vars]);
}

/** Children draw with the form's editor. */
export function Through({ lens, children }) {
  return <EditorContext value={lens}>{children}</EditorContext>;
}

/** Fields of the form that are chosen from a table (a store, say): [["form.f_store", label]]. */
export const sourced = (lens) => everyField(lens.content).filter(({ field, parent }) => !parent && typeof field.source === 'string').map(({ field }) => [`form.${field.id}`, lens.label(field.id)]);

/** Fields of the form that hold a person. */
export const persons = (lens) => everyField(lens.content).filter(({ field, parent }) => !parent && field.type === 'person').map(({ field }) => [`form.${field.id}`, lens.label(field.id)]);
