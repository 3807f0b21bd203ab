// What people do, each as one command. Used by buttons, keys and drops alike.
import { copied, paste, readCopied } from './model/clipboard.js';
import { find, index, isTrigger, kindOf, pairOf } from './model/content.js';
import * as edits from './model/edits.js';
import { neighbour } from './model/layout.js';
import { used } from './palette/usual.js';

/** The focus on a step of the canvas, once it is drawn. */
export function focusOn(id) {
  const look = (tries) => {
    const card = document.querySelector(`:is(.board, .outline) [data-step="${id}"]`);
    if (card) card.focus({ preventScroll: true });
    else if (tries) requestAnimationFrame(() => look(tries - 1));
  };
  requestAnimationFrame(() => look(20));
}

/** The name of what is edited: one step's, else how many there are. */
const named = (editor, ids) => (ids.length === 1 ? editor.label(ids[0]) : editor.t('n_steps', { n: ids.length }));

/** In the free view everything stays where it is shown. */
const settled = (editor, content) => (editor.state.view === 'free' ? edits.freeze(content, editor.places()) : content);

/** Open the palette for a place: {edge} | {node, port} | {start: true}; `at`: {x, y} of the window. */
export const openPalette = (editor, place, at) => editor.set({ place: { ...place, at } });

export const closePalette = (editor, back = true) => {
  editor.set({ place: null });
  if (back && editor.state.selection.length) focusOn(editor.state.selection[editor.state.selection.length - 1]);
};

/** Behind the selected step, as the + key does. */
export function paletteBehind(editor) {
  const id = editor.state.selection[editor.state.selection.length - 1];
  const place = id && edits.behind(editor.content, editor.kinds, id);
  if (!place) return false;
  const box = document.querySelector(`.board [data-step="${id}"]`)?.getBoundingClientRect();
  openPalette(editor, place, box ? { x: box.left + box.width / 2, y: box.bottom + 8 } : null);
  return true;
}

/** Put a new step of a kind in; `drop`: where it was let go on the free canvas. */
export function add(editor, kind, place, drop = null) {
  const { t } = editor;
  if (editor.state.compare) return;
  used(kind.type);
  const before = settled(editor, editor.content);
  const made = edits.insert(before, kind, place?.start ? null : place, editor.ctx);
  const free = editor.state.view === 'free';
  const content = drop ? edits.move(made.content, { [made.select[0]]: drop }) : free && place && !place.start ? roomFor(editor, before, made.content, place) : made.content;
  editor.set({ place: null });
  editor.edit(t('did_add', { what: editor.say(kind.label) }), content, { select: made.select });
  editor.show(made.select[0]);
  focusOn(made.select[0]);
}

const APART = 76; // between two steps that are put below each other

/** On the free canvas new steps stand below where they come from; what nobody pinned further down makes room. */
function roomFor(editor, before, after, place) {
  const places = editor.places();
  const { source, target } = edits.sourceOf(before, place);
  const [from, to] = [places.get(source), target && places.get(target)];
  const fresh = after.nodes.filter((node) => !find(before, node.id) && !kindOf(editor.kinds, node).attaches);
  let y = from.y + from.h + APART;
  const put = new Map();
  for (const node of fresh) {
    const { w, h } = editor.size(node);
    put.set(node.id, { x: (to || from).x + ((to || from).w - w) / 2, y });
    y += h + APART;
  }
  const down = to ? Math.max(y - to.y, 0) : 0;
  const pinned = new Set(after.layout?.pinned || []);
  if (down) for (const [id, one] of places) if (one.y >= to.y && id !== source && !pinned.has(id)) put.set(id, { x: one.x, y: one.y + down });
  return edits.stand(after, put);
}

/** Why a line may not be drawn, in words; "" if it may. */
export function refused(editor, source, port, target, own = null) {
  const why = edits.refusal(editor.content, editor.kinds, source, port, target, own);
  return why ? editor.t(why) : '';
}

/** Lead a place's way out to a step. */
export function lead(editor, place, target) {
  const { t, content } = editor;
  const { source, port } = edits.sourceOf(content, place);
  const why = refused(editor, source, port, target, place.edge);
  editor.set({ place: null });
  if (why) return editor.toast(t('link_refused', { why }), false);
  const change = place.edge ? edits.reconnect(content, place.edge, target) : edits.connect(content, source, port, target);
  editor.edit(t('did_link', { what: editor.label(target) }), change, { select: [source] });
  focusOn(source);
  return undefined;
}

export function cut(editor, edge) {
  const { source } = index(editor.content).at.get(edge);
  editor.set({ place: null, edge: null });
  editor.edit(editor.t('did_cut'), edits.disconnect(settled(editor, editor.content), edge), { select: [source] });
  focusOn(source);
}

/** Delete what is selected. What only it led to goes too, and that is said beside 撤销. */
export function remove(editor) {
  const { selection, edge } = editor.state;
  if (!selection.length && edge && index(editor.content).edges.has(edge)) return cut(editor, edge);
  const ids = selection.filter((id) => editor.exists(id));
  if (!ids.length) return undefined;
  const what = named(editor, ids);
  const previous = editor.layout().walked.parent.get(ids[0])?.id;
  const { content, removed } = edits.remove(settled(editor, editor.content), ids, editor.kinds);
  const pair = ids.map((id) => pairOf(editor.content, editor.kinds, id)).filter((id) => id && !ids.includes(id)).length;
  const next = previous && find(content, previous) ? [previous] : [];
  editor.edit(editor.t('did_delete', { what }), content, { select: next });
  editor.set({ panel: false });
  const also = removed.length - ids.length - pair;
  if (also > 0) editor.toast(editor.t('also_deleted', { what, n: also }));
  if (next.length) focusOn(next[0]);
  return undefined;
}

export function duplicate(editor) {
  const ids = editor.state.selection.filter((id) => !isTrigger(kindOf(editor.kinds, editor.node(id))));
  if (!ids.length) return;
  const made = edits.duplicate(settled(editor, editor.content), ids, editor.ctx);
  editor.edit(editor.t('did_duplicate', { what: named(editor, ids) }), made.content, { select: made.select });
  editor.set({ goal: { id: made.select[0], n: (editor.state.goal?.n || 0) + 1 } });
}

/** The text for the clipboard, or null when no step is selected. */
export function copy(editor) {
  const ids = editor.state.selection.filter((id) => editor.exists(id));
  if (!ids.length) return null;
  const text = copied(editor.content, editor.kinds, ids);
  editor.tell(editor.t('did_copy', { n: JSON.parse(text).nodes.length }));
  return text;
}

export function pasteText(editor, text) {
  const { t } = editor;
  const found = readCopied(text);
  if (!found) {
    if (text?.includes('danflow/steps')) editor.toast(t('paste_unknown'), false);
    return false;
  }
  const last = editor.state.selection[editor.state.selection.length - 1];
  const at = last && editor.exists(last) ? edits.behind(editor.content, editor.kinds, last) : null;
  const made = paste(settled(editor, editor.content), found, at, editor.ctx);
  editor.edit(t('did_paste', { n: made.select.length }), made.content, { select: made.select });
  editor.set({ goal: { id: made.select[0], n: (editor.state.goal?.n || 0) + 1 }, panel: false });
  const unknown = [...new Set(found.nodes.filter((node) => !editor.kind(node.type)).map((node) => node.type))];
  if (unknown.length) editor.toast(t('paste_missing', { types: unknown.join(t('comma')) }));
  return true;
}

/** Steps were dragged on the free canvas. */
export function moved(editor, places) {
  const ids = Object.keys(places);
  if (ids.length) editor.edit(editor.t('did_move', { what: named(editor, ids) }), edits.move(settled(editor, editor.content), places));
}

/** Lay out again what nobody dragged. */
export const tidy = (editor) => editor.edit(editor.t('did_tidy'), edits.tidy(editor.content));

export const unpin = (editor, ids) => editor.edit(editor.t('did_unpin', { what: named(editor, ids) }), edits.unpin(editor.content, ids));

/** The next step in the direction of an arrow key. */
export function step(editor, key, wider) {
  const last = editor.state.selection[editor.state.selection.length - 1];
  const to = neighbour(editor.layout(), editor.shown, last, key);
  if (!to) return;
  if (wider) editor.set({ selection: [...new Set([...editor.state.selection.filter((id) => id !== to), to])] });
  else editor.select(to);
  editor.set({ goal: { id: to, n: (editor.state.goal?.n || 0) + 1 } });
  focusOn(to);
}

/** Another view of the same flow. */
export function look(editor, view) {
  editor.set({ view, place: null, ...(view === 'outline' ? { find: false } : {}) });
}

/** Go to what a finding is about: a saved scenario in the sandbox, else the step and its setting. */
export function goTo(editor, finding) {
  const scenario = /^scenarios\[(\d+)\]/.exec(finding.where || '');
  if (scenario) editor.set({ dock: 'sandbox', scenario: Number(scenario[1]) });
  else if (finding.node && editor.exists(finding.node)) editor.show(finding.node, { path: finding.field || 'name' });
  else editor.set({ selection: [], edge: null, panel: true, focusField: { node: null, path: finding.field || 'name' } }); // of the flow itself
}
