// The flow as cards and lines. What stands where is the layout's; what is not changed stays the same object (xyflow.jsx).
import { useCallback, useEffect, useMemo, useRef } from 'react';
import * as actions from '../actions.js';
import { index, isTrigger } from '../model/content.js';
import { useEditor, useView } from '../../designer/use.js';
import { Chosen } from './Chosen.jsx';
import { Compared } from './Compared.jsx';
import { wordsRoom } from '../model/layout.js';
import { Card, OpenEnd, Start, StartOffer } from './Card.jsx';
import { touched } from './lasso.js';
import { Line } from './Line.jsx';
import { Board } from './xyflow.jsx';
import { Side } from '../palette/Side.jsx';
import { Tools } from './Tools.jsx';

const PIECES = { card: Card, open: OpenEnd, start: Start };
const EDGE = 24; // of the view that stays free around a card that is shown
const BELOW = 88; // for its ways out, and what stands on the canvas there

export function Canvas({ view }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state, one) => one.shown);
  const summaries = useView((state) => state.summaries);
  const selection = useView((state) => state.selection);
  const comparing = useView((state) => Boolean(state.compare));
  const free = useView((state) => state.view === 'free' && !state.compare);
  const blank = useView((state) => !(state.content.nodes || []).length);
  const kept = useRef(new Map());
  const nodes = useMemo(() => nodesOf(editor, kept.current, free), [editor, content, summaries, selection, free]);
  const lines = useMemo(() => linesOf(editor, kept.current, free), [editor, content, summaries, free]);
  const hand = useMemo(() => ({
    picked: (id, event) => pick(editor, id, event),
    framed: (box) => editor.set({ selection: touched(editor.state.view === 'free' ? editor.places() : editor.layout().nodes, box), edge: null, place: null, panel: false }),
    opened: (id) => !editor.state.compare && editor.show(id),
    empty: () => editor.set({ selection: [], edge: null, place: null, panel: false }),
    moved: (places) => actions.moved(editor, Object.fromEntries(Object.entries(places).filter(([id]) => editor.exists(id)))),
    connected: (source, port, target) => actions.lead(editor, { node: source, port }, target),
    refusal: (source, port, target) => actions.refused(editor, source, port, target),
    refused: (why) => editor.toast(t('link_refused', { why }), false),
    loose: (node, port, at) => !index(editor.content).from.get(node)?.has(port) && actions.openPalette(editor, { node, port }, at),
  }), [editor]);
  useFirstSight(editor, view, free);
  useGoal(editor, view);
  const words = useMemo(() => ({ 'minimap.ariaLabel': t('map'), 'handle.ariaLabel': t('palette_link'), 'node.a11yDescription.default': t('canvas_help'), 'node.a11yDescription.keyboardDisabled': t('canvas_help') }), [t]);
  return (
    <main className={`flow-canvas${comparing ? ' comparing' : ''}${free ? ' with-side' : ''}`} aria-label={t('canvas')}>
      {free && <Side view={view} />}
      <Compared />
      <Chosen />
      <p className="vh" id="canvas-help">{t('canvas_help')}</p>
      <Board nodes={nodes} edges={lines} pieces={PIECES} line={Line} hand={hand} free={free} view={view} words={words}>
        <Tools view={view} free={free} />
      </Board>
      {blank && <Blank />}
    </main>
  );
}

function pick(editor, id, event) {
  if (!editor.node(id)) return;
  const many = event.ctrlKey || event.metaKey || event.shiftKey;
  editor.select(id, many ? 'toggle' : 'only');
  editor.set({ panel: !many && !editor.state.compare });
  if (!many) inSight(editor, id);
}

/** Reuse the object of a node or line while nothing about it has changed. */
function same(kept, key, parts, make) {
  const old = kept.get(key);
  if (old && old.parts.length === parts.length && old.parts.every((part, at) => part === parts[at])) return old.is;
  const is = make();
  kept.set(key, { parts, is });
  return is;
}

function nodesOf(editor, kept, free) {
  const laid = editor.layout();
  const places = free ? editor.places() : laid.nodes;
  const chosen = new Set(editor.state.selection);
  const clocks = new Map(laid.clocks.map((clock) => [clock.id, clock]));
  const below = besideClocks(editor, laid, free);
  const out = [];
  for (const [id, { x, y, w, h }] of places) {
    const node = editor.node(id);
    const ways = laid.ports.get(id);
    const summary = editor.state.summaries[id] || '';
    const clock = clocks.get(id);
    const tie = !free && clock?.points.length ? Math.round(clock.points[1][0] - clock.points[0][0]) : 0;
    const names = ways.map((way) => `${way.port}@${way.x}`).join();
    const kind = editor.kindOf(id);
    out.push(same(kept, `n ${id}`, [node, x, y, w, h, chosen.has(id), summary, tie, names, free, below.has(id)], () => ({
      id, piece: 'card', x, y, w, h, selected: chosen.has(id), movable: free, node, kind, summary, tie,
      ports: ways.map((way) => ({ id: way.port, x: free || !kind.attaches ? way.x : 20, label: editor.say(way.label), open: !way.edge })), entry: below.has(id) ? { x: 0, y: h / 2 } : kind.hasInput ? { x: w / 2, y: 0 } : null,
    })));
  }
  for (const open of laid.opens) {
    const at = free ? beside(places, laid, open) : open;
    out.push(same(kept, `n ${open.id}`, [at.x, at.y, open.optional, editor.say(open.label), free], () => ({ id: open.id, piece: 'open', x: at.x, y: at.y, w: open.w, h: open.h, selected: false, movable: false, open, ports: [], entry: open.course.side && !free ? { x: 0, y: open.h / 2 } : { x: open.w / 2, y: 0 } })));
  }
  const starts = [...places].filter(([id]) => isTrigger(editor.kindOf(id)) && !(index(editor.shown).into.get(id) || []).length);
  if (starts.length) {
    const x = Math.max(...starts.map(([, place]) => place.x + place.w)) + 32;
    const y = Math.min(...starts.map(([, place]) => place.y));
    out.push(same(kept, 'n +start', [x, y], () => ({ id: '+start', piece: 'start', x, y, w: 150, h: 44, selected: false, movable: false, ports: [], entry: null })));
  }
  return out;
}

/** Steps that a clock's line comes to from the left, where they are laid out. */
function besideClocks(editor, laid, free) {
  const { at } = index(editor.shown);
  return new Set(free ? [] : [...laid.edges].filter(([, course]) => course.side).map(([id]) => at.get(id).target));
}

/** An open way out hangs below its card on the free canvas. */
function beside(places, laid, open) {
  const card = places.get(open.node);
  const way = laid.ports.get(open.node).find((one) => one.port === open.port);
  return { x: card.x + way.x - open.w / 2, y: card.y + card.h + 52 };
}

function linesOf(editor, kept, free) {
  const laid = editor.layout();
  const { at, edges } = index(editor.shown);
  const places = free ? editor.places() : laid.nodes;
  const still = (id) => !free || (places.get(id).x === laid.nodes.get(id).x && places.get(id).y === laid.nodes.get(id).y);
  const several = (id) => laid.ports.get(id).length > 1 || editor.kindOf(id).attaches;
  const out = [];
  for (const [id, edge] of edges) {
    const { source, port, target } = at.get(id);
    if (!places.has(source) || !places.has(target)) continue;
    const course = still(source) && still(target) && laid.edges.get(id) ? laid.edges.get(id) : null;
    const way = laid.ports.get(source).find((one) => one.port === port);
    const was = way?.stray && editor.state.compare ? editor.t('cmp_was') : '';
    const label = was || editor.say(edge.label) || (several(source) ? editor.say(way?.label) || port : '');
    out.push(same(kept, `e ${id}`, [edge, label, course ? JSON.stringify(course) : ''], () => ({ id, source, port, target, label, course, room: wordsRoom(laid.ports.get(source).length), place: { edge: id }, stray: way?.stray })));
  }
  for (const open of laid.opens) {
    const course = still(open.node) ? open.course : null;
    const label = several(open.node) ? editor.say(open.label) || open.port : '';
    out.push(same(kept, `e ${open.id}`, [label, course ? JSON.stringify(course) : '', open.optional], () => ({ id: open.id, source: open.node, port: open.port, target: open.id, label, course, room: wordsRoom(laid.ports.get(open.node).length), open: true, optional: open.optional })));
  }
  return out;
}

/** What is first seen: the flow's beginning, as wide as fits; all of it where that stays readable. */
function useFirstSight(editor, view, free) {
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const { box } = editor.layout();
      const size = view.current.size();
      if (!box.w) return;
      const all = Math.min((size.w - 64) / box.w, (size.h - 96) / box.h);
      const zoom = Math.min(Math.max(all, Math.min((size.w - 64) / box.w, 1), 0.55), 1);
      const first = editor.layout().nodes.get(editor.layout().walked.order[0]);
      const middle = box.w * zoom <= size.w - 32 ? box.x + box.w / 2 : first.x + first.w / 2;
      view.current.place(size.w / 2 - middle * zoom, Math.max((size.h - box.h * zoom) / 2, 48) - box.y * zoom, zoom);
    });
    return () => cancelAnimationFrame(frame);
  }, [editor, view, free]);
}

/** Pan to the node that the state names, where it is not in sight. */
function useGoal(editor, view) {
  const goal = useView((state) => state.goal);
  editor.sight = useCallback((id) => bring(editor, view.current, id), [editor, view]);
  useEffect(() => {
    if (goal) inSight(editor, goal.id);
  }, [editor, goal]);
}

const inSight = (editor, id) => requestAnimationFrame(() => editor.sight(id));

function bring(editor, view, id) {
  const places = editor.state.view === 'free' ? editor.places() : editor.layout().nodes;
  const place = places.get(id);
  if (!place || !view) return;
  const { left, top, width, height } = document.querySelector('.board').getBoundingClientRect();
  const panel = document.querySelector('.flow-panel')?.getBoundingClientRect();
  const right = panel && panel.left > left + 80 ? Math.max(left + width - panel.left, 0) : 0;
  const [from, to] = [view.there(place.x, place.y), view.there(place.x + place.w, place.y + place.h)];
  const into = (low, high, least, most) => (low < least ? least - low : high > most ? Math.max(most - high, least - low) : 0);
  const dx = into(from.x, to.x, left + EDGE, left + width - right - EDGE);
  const dy = into(from.y, to.y, top + EDGE, top + height - EDGE - BELOW);
  const zoom = view.scale() < 0.5 ? 0.85 : undefined;
  const far = Math.abs(dx) > width || Math.abs(dy) > height;
  if (zoom || far) view.center(place.x + place.w / 2, place.y + place.h / 2, { zoom, right });
  else if (dx || dy) view.pan(dx, dy);
}

/** Nothing there yet: how does it start? */
function Blank() {
  const editor = useEditor();
  const { t } = editor;
  const kinds = editor.boot.catalog.nodes.filter((kind) => kind.latest !== false && isTrigger(kind));
  return (
    <section className="blank">
      <h2>{t('empty_title')}</h2>
      <p>{t('empty_help')}</p>
      <ul>{kinds.map((kind) => <li key={kind.type}><StartOffer kind={kind} /></li>)}</ul>
    </section>
  );
}
