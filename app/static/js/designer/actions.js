// What people do, each as one command. Used by buttons, keys and drops alike.
import { firstIn } from './focus.js';
import { copied, paste, readCopied } from './model/clipboard.js';
import { cards, everyField, find, inReadingOrder, stops, usesOf } from './model/content.js';
import * as edits from './model/edits.js';
import { applyPatch } from './model/patch.js';
import { withParents } from './model/places.js';

const isField = (editor, id) => Boolean(find(editor.content, id));
export const selectedFields = (editor) => editor.state.selection.filter((id) => isField(editor, id));

/** Where a field that is added without dragging goes: behind what is selected, else at the end. */
export function placeForNew(editor, inRows = true) {
  const { content, state } = editor;
  const last = state.selection[state.selection.length - 1];
  const found = last && find(content, last);
  if (found && (!found.parent || inRows)) return edits.placeOf(content, last);
  if (found) return edits.placeOf(content, found.parent.id);
  if (last) return { card: last, table: null, before: null };
  const all = cards(content);
  return { card: all[all.length - 1].id, table: null, before: null };
}

/** The focus on a field or section of the canvas. */
export const focusOn = (id) => requestAnimationFrame(() => document.querySelector(`.paper [data-id="${id}"]`)?.focus());

const AFTER_DROP_MS = 80; // dnd-kit takes away every selection for 50 ms after a drop: a caret set sooner would be gone

export function addField(editor, kind, place = placeForNew(editor, kind.in_rows), wait = 0) {
  const label = editor.say(kind.label);
  const field = edits.newField(editor.content, kind, label);
  const source = kind.settings.find((setting) => setting.widget === 'source');
  if (source) field[source.key] = editor.boot.sources?.[0]?.key ?? field[source.key];
  editor.edit(editor.t('did_add', { what: label }), edits.insertFields(editor.content, [field], place), { select: [field.id] });
  editor.set({ tab: 'field' });
  if (!matchMedia('(pointer: coarse)').matches) setTimeout(toLabel, wait); // a finger would only get the keyboard in its way
}

/** Put the caret into the label in the panel, what stands there marked: the next thing typed is the name. */
export function toLabel() {
  requestAnimationFrame(() => {
    const input = document.querySelector('.panel .props input, .panel .props textarea');
    input?.focus();
    input?.select?.();
  });
}

/** Show a setting of the panel: what it is folded into is opened, and it gets the focus; else the field or section does. */
export function toSetting(path, id) {
  requestAnimationFrame(() => {
    const spot = withParents(path).map((one) => document.querySelector(`.panel [data-setting="${one}"]`)).find(Boolean);
    if (!spot) return id ? focusOn(id) : toLabel();
    const folded = spot.closest('details');
    if (folded) folded.open = true;
    spot.scrollIntoView({ block: 'center' });
    if (!matchMedia('(pointer: coarse)').matches) firstIn(spot)?.focus({ preventScroll: true });
    return undefined;
  });
}

/** Why fields or a new one of a type may not go to a place; "" if they may. */
export function refusal(editor, { kind, ids = [] }, place) {
  const { t, content, state } = editor;
  if (kind) return place.table && !kind.in_rows ? t('not_in_table', { what: editor.say(kind.label) }) : '';
  const moving = everyField(content).filter((entry) => ids.includes(entry.field.id));
  const crossing = moving.filter((entry) => (entry.parent?.id || null) !== place.table);
  const unfit = place.table && crossing.find(({ field }) => !editor.kind(field.type)?.in_rows);
  if (unfit) return t('not_in_table', { what: editor.say(editor.kind(unfit.field.type)?.label) || unfit.field.type });
  const old = crossing.find(({ field }) => state.publishedIds?.has(field.id) ?? true);
  return old ? t('stays_in_table', { what: editor.label(old.field.id) }) : '';
}

export function drop(editor, held, place) {
  if (held.kind) return addField(editor, held.kind, place, AFTER_DROP_MS);
  if (held.section && !held.id) return addSection(editor, place.before, AFTER_DROP_MS);
  const { ids } = held;
  const mayBeColumn = (type) => Boolean(editor.kind(type)?.in_rows);
  const change = held.section ? (content) => edits.placeSection(content, held.id, place.before) : (content) => edits.moveFields(content, ids, place, mayBeColumn);
  editor.edit(editor.t('did_move', { what: held.label }), change, { select: held.section ? [held.id] : ids });
  setTimeout(focusOn, AFTER_DROP_MS, held.section ? held.id : ids[0]); // where it went its element is another one
  return undefined;
}

export function nudge(editor, step) {
  const ids = selectedFields(editor);
  if (ids.length === 1) editor.edit(editor.t('did_move', { what: editor.label(ids[0]) }), (content) => edits.nudge(content, ids[0], step, editor.cardIds()));
  else if (!ids.length && editor.state.selection.length) moveSection(editor, editor.state.selection[0], step);
}

export const moveSection = (editor, id, step) =>
  editor.edit(editor.t('did_move', { what: editor.label(id) }), (content) => edits.moveSection(content, id, step), { select: [id] });

/** A new section behind the selected one, else at the end; `before`: in front of that one instead (null: at the end). */
export function addSection(editor, before, wait = 0) {
  const { content, state, t } = editor;
  const after = before === undefined ? state.selection.map((id) => find(content, id)?.field.section || find(content, id)?.parent?.section || id).pop() : null;
  const made = edits.addSection(content, t('new_section'), after);
  editor.edit(t('did_add', { what: t('section') }), before ? edits.placeSection(made.content, made.id, before) : made.content, { select: [made.id] });
  if (!matchMedia('(pointer: coarse)').matches) setTimeout(toLabel, wait);
}

/** Delete what is selected; what other parts of the form need is shown first. */
export function remove(editor) {
  const { content, state, t } = editor;
  const [section] = state.selection.filter((id) => !isField(editor, id));
  if (section) {
    const order = stops(content);
    const above = order[order.indexOf(section) - 1] || order[order.indexOf(section) + 1];
    editor.edit(t('did_delete', { what: editor.label(section) }), edits.removeSection(content, section), { select: above ? [above] : [] });
    if (above) focusOn(above);
    return;
  }
  const ids = selectedFields(editor);
  if (!ids.length) return;
  const gone = new Set(ids);
  const uses = ids.flatMap((id) => usesOf(content, id)).filter((use) => !gone.has(use.id));
  if (uses.length || editor.boot.published) editor.open({ name: 'delete', ids });
  else removeNow(editor, ids);
}

export function removeNow(editor, ids) {
  const order = inReadingOrder(editor.content);
  const at = Math.min(...ids.map((id) => order.indexOf(id)));
  const after = edits.removeFields(editor.content, ids);
  const neighbour = [...order.slice(at), ...order.slice(0, at).reverse()].find((id) => !ids.includes(id) && find(after, id));
  const what = ids.length > 1 ? editor.t('n_fields', { n: ids.length }) : editor.label(ids[0]);
  editor.edit(editor.t('did_delete', { what }), after, { select: neighbour ? [neighbour] : [] });
  if (neighbour) focusOn(neighbour);
}

export function duplicate(editor) {
  const ids = selectedFields(editor);
  if (!ids.length) return;
  const made = edits.duplicateFields(editor.content, ids);
  editor.edit(editor.t('did_duplicate', { what: editor.label(ids[0]) }), made.content, { select: made.ids });
}

/** The text for the clipboard, or null when no field is selected. */
export function copy(editor) {
  const ids = selectedFields(editor);
  if (!ids.length) return null;
  editor.tell(editor.t('did_copy', { n: ids.length }));
  return copied(editor.content, ids);
}

export function pasteText(editor, text) {
  const found = readCopied(text, editor.kinds);
  if (!found) {
    if (text?.includes('danflow/fields')) editor.tell(editor.t('paste_unknown'));
    return false;
  }
  const inRows = found.fields.every((field) => editor.kind(field.type)?.in_rows);
  const made = paste(editor.content, found, placeForNew(editor, inRows));
  return editor.edit(editor.t('did_paste', { n: made.ids.length }), made.content, { select: made.ids });
}

/** One-click repair of a finding: its JSON patch as a command. */
export function repair(editor, finding) {
  try {
    editor.edit(editor.say(finding.repair.label), applyPatch(editor.content, finding.repair.patch));
  } catch {
    editor.tell(editor.t('repair_late')); // the form has moved on since the check; the next check tells anew
  }
}

/** The neighbour of the selected field or section, for the arrow keys; `wider`: selected besides it. */
export function step(editor, by, wider = false) {
  const order = wider ? inReadingOrder(editor.content) : stops(editor.content);
  const last = editor.state.selection[editor.state.selection.length - 1];
  const at = order.indexOf(last);
  const to = order[at < 0 ? 0 : Math.min(Math.max(at + by, 0), order.length - 1)];
  if (to) editor.select(to, wider ? 'range' : 'only');
  return to;
}
