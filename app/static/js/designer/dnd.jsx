// The one place that knows dnd-kit: its sensors, its overlay, its scrolling at the edges. Where a field may go is ours:
// slots between the fields, measured once when a drag begins. Nothing on the canvas moves or is drawn again while
// something is carried, however many fields there are.
import { DndContext, DragOverlay, KeyboardSensor, MouseSensor, TouchSensor, useDraggable, useDroppable, useSensor, useSensors } from '@dnd-kit/core';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { Icon } from './icons.jsx';
import { useEditor } from './use.js';

const KEYS = { start: ['Space'], cancel: ['Escape'], end: ['Space', 'Enter'] };
const MOUSE = { activationConstraint: { distance: 5 } };
const TOUCH = { activationConstraint: { delay: 250, tolerance: 8 } };
const STILL_PX = 8; // a finger is never quite still
const HELP = 'drag-help'; // the element that says how to carry with keys
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

const inside = (point, rect) => point.x >= rect.left && point.x <= rect.right && point.y >= rect.top && point.y <= rect.bottom;
const gap = (point, rect) => Math.hypot(Math.max(rect.left - point.x, 0, point.x - rect.right), Math.max(rect.top - point.y, 0, point.y - rect.bottom));
const NOWHERE = { slot: null, no: '' };
const EVERYWHERE = { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity };
const listOf = (place) => place.table || place.card;
const nearest = (slots, point) => slots.reduce((best, slot) => (!best || gap(point, slot.rect) < gap(point, best.rect) ? slot : best), null);

/** The slots and the zones (cards, sub-tables) around them, with their rectangles during a drag. */
class Places {
  slots = new Set(); // {node, place, words}
  zones = new Set(); // {node, place}
  over = null;

  /** Measure what may take the thing that is held: a section goes between sections, a field into cards and tables. */
  begin(held) {
    this.scroller = document.querySelector('.canvas');
    this.top = this.scroller.scrollTop;
    const measured = (all) => all.map((one) => ({ ...one, rect: one.node.getBoundingClientRect() }));
    const why = new Map(); // asked once a table: there may be hundreds of slots
    const refused = (place) => {
      if (!why.has(place.table)) why.set(place.table, held.refused(place));
      return why.get(place.table);
    };
    const slots = measured([...this.slots].filter(({ place }) => Boolean(place.section) === Boolean(held.section) && !refused(place)));
    this.inOrder = slots.sort((one, other) => one.rect.top - other.rect.top || one.rect.left - other.rect.left);
    const zones = measured([...this.zones].filter(({ place }) => !held.ids?.includes(place.table))).sort((one, other) => one.rect.width * one.rect.height - other.rect.width * other.rect.height);
    this.inZones = held.section
      ? [{ rect: EVERYWHERE, slots, no: '' }]
      : zones.map((zone) => ({ rect: zone.rect, slots: slots.filter((slot) => listOf(slot.place) === listOf(zone.place)), no: refused(zone.place) }));
  }

  /** {slot, no}: the slot nearest to a point of the window, in the innermost zone under it; where that zone does not take
      what is held, null and why; null outside all zones. */
  at(point) {
    if (!inside(point, this.scroller.getBoundingClientRect())) return NOWHERE;
    const then = { x: point.x, y: point.y + this.scroller.scrollTop - this.top };
    const zone = this.inZones.find((one) => inside(then, one.rect));
    return zone ? { slot: zone.no ? null : nearest(zone.slots, then), no: zone.no } : NOWHERE;
  }

  /** Where a slot stands now. */
  corner(slot) {
    return { x: slot.rect.left, y: slot.rect.top - this.scroller.scrollTop + this.top };
  }

  /** Light one slot; true if it is another than before. */
  light(slot) {
    if (slot?.node === this.over?.node) return false;
    this.over?.node.classList.remove('over');
    slot?.node.classList.add('over');
    this.over = slot;
    return true;
  }
}

/** The one draggable as the fields see it. It is the same object always, so that no field is drawn again. */
class Hold {
  taken = null; // tells what is held
  setNodeRef = null; // these two come from dnd-kit
  listeners = null;

  take(name, node, what) {
    return (event) => {
      if (name !== 'onKeyDown') event.stopPropagation(); // a column is taken, not the table around it
      this.taken = what;
      this.setNodeRef(node());
      this.listeners[name](event);
    };
  }
}

const PlacesContext = createContext(null);
const HoldContext = createContext(null);

/** The chip hangs at the pointer, wherever the wide card was taken. */
function atPointer({ activatorEvent, draggingNodeRect, transform }) {
  const point = activatorEvent?.touches?.[0] || activatorEvent;
  if (!draggingNodeRect || point?.clientX === undefined) return transform;
  return { ...transform, x: transform.x + point.clientX - draggingNodeRect.left - 16, y: transform.y + point.clientY - draggingNodeRect.top - 20 };
}

export function DragArea({ children, onDrop }) {
  const editor = useEditor();
  const { t } = editor;
  const places = useMemo(() => new Places(), []);
  const hold = useMemo(() => new Hold(), []);
  const [held, setHeld] = useState(null);
  /** Arrow keys go from slot to slot as they come down the page. */
  const nextSlot = useCallback((event, { currentCoordinates }) => {
    const step = STEPS[event.code];
    if (!step) return undefined;
    event.preventDefault();
    const list = places.inOrder;
    const at = places.over ? list.indexOf(places.over) : list.indexOf(nearest(list, { x: currentCoordinates.x, y: currentCoordinates.y + places.scroller.scrollTop - places.top }));
    const to = list[Math.min(Math.max(at + step, 0), list.length - 1)];
    look({ slot: to, no: '' });
    return places.corner(to);
  }, [places]);
  const sensors = useSensors(useSensor(MouseSensor, MOUSE), useSensor(TouchSensor, TOUCH), useSensor(KeyboardSensor, { keyboardCodes: KEYS, coordinateGetter: nextSlot }));
  const carried = useRef(null);
  const refused = useRef('');
  const moved = useRef(false); // a finger that rests and leaves again has tapped, if slowly
  const [no, setNo] = useState(''); // why it cannot go where it is held
  const look = (found) => {
    const other = places.light(found.slot);
    if (!carried.current || (!other && found.no === refused.current)) return;
    refused.current = found.no;
    setNo(found.no);
    editor.tell(found.slot ? t('drag_over', { what: carried.current.label, where: found.slot.words() }) : found.no || t('drag_nowhere'));
  };
  const stop = useRef(null);
  const start = ({ active, activatorEvent }) => {
    carried.current = active.data.current.what();
    places.begin(carried.current);
    setHeld(carried.current);
    editor.set({ carrying: carried.current.id, announce: t('drag_start', { what: carried.current.label }) });
    moved.current = activatorEvent instanceof KeyboardEvent;
    const from = activatorEvent.touches?.[0] || activatorEvent;
    stop.current = follow(activatorEvent, places.scroller, (point) => {
      moved.current ||= Math.hypot(point.x - from.clientX, point.y - from.clientY) > STILL_PX;
      if (moved.current) look(places.at(point));
    });
  };
  const end = (drop) => {
    const slot = places.over;
    stop.current();
    const what = carried.current;
    const why = refused.current;
    look(NOWHERE);
    carried.current = null;
    setHeld(null);
    if (drop && !moved.current) {
      editor.set({ carrying: null, announce: '' });
      what.tapped?.();
      return;
    }
    const told = drop && slot ? t('drag_end', { what: what.label, where: slot.words() }) : (drop && why) || t('drag_cancel');
    if (drop && slot) onDrop(what, slot.place);
    editor.set({ carrying: null, announce: told });
  };
  return (
    <>
      <PlacesContext value={places}><HoldContext value={hold}>{children}</HoldContext></PlacesContext>
      <DndContext
        id={HELP} sensors={sensors} autoScroll={{ threshold: { x: 0, y: 0.12 } }} accessibility={{ announcements: SILENT, screenReaderInstructions: { draggable: t('drag_help') } }}
        collisionDetection={anywhere} onDragStart={start} onDragEnd={() => end(true)} onDragCancel={() => end(false)}
      >
        <Draggable hold={hold} />
        <DragOverlay dropAnimation={null} modifiers={[atPointer]} className="held">
          {held && <div className={`chip-held${no ? ' no' : ''}`}><Icon name={no ? 'alert' : held.icon} />{no || held.label}{!no && held.count > 1 && <b>{held.count}</b>}</div>}
        </DragOverlay>
      </DndContext>
    </>
  );
}

const quiet = () => undefined; // the page's own live region speaks
const SILENT = { onDragStart: quiet, onDragOver: quiet, onDragEnd: quiet, onDragCancel: quiet };
const anywhere = ({ droppableContainers }) => droppableContainers.map(({ id }) => ({ id })); // the canvas, so that it scrolls at its edges

/** Call `look` with the pointer's place as it moves, and as the canvas scrolls under it; gives the function that stops this. */
function follow(started, scroller, look) {
  if (started instanceof KeyboardEvent) return () => undefined;
  let point = null;
  const moved = (event) => {
    const { clientX, clientY } = event.touches?.[0] || event;
    point = { x: clientX, y: clientY };
    look(point);
  };
  const slid = () => point && look(point);
  window.addEventListener('mousemove', moved);
  window.addEventListener('touchmove', moved);
  scroller.addEventListener('scroll', slid);
  return () => {
    window.removeEventListener('mousemove', moved);
    window.removeEventListener('touchmove', moved);
    scroller.removeEventListener('scroll', slid);
  };
}

/** One draggable and one droppable for the whole canvas: it becomes the field that is taken hold of. It stands beside the
    canvas, not around it: dnd-kit's contexts change several times when a drag begins and at every move, and React would
    look through all fields each time for those that read them. */
function Draggable({ hold }) {
  const data = useMemo(() => ({ what: () => hold.taken() }), [hold]);
  const { setNodeRef, listeners } = useDraggable({ id: 'field', data });
  const { setNodeRef: setCanvas } = useDroppable({ id: 'canvas' });
  useEffect(() => setCanvas(document.querySelector('.paper')), [setCanvas]);
  hold.setNodeRef = setNodeRef;
  hold.listeners = listeners;
  return null;
}

/** How a field on the canvas is taken: {grip (mouse and touch), keys (for a button)}. `node()` is its element, `what()` what
    is then held: {id, label, icon, count, ids | kind | section, refused(place): why not, or "", tapped()}. */
export function useTake(node, what) {
  const hold = useContext(HoldContext);
  return {
    grip: { onMouseDown: hold.take('onMouseDown', node, what), onTouchStart: hold.take('onTouchStart', node, what) },
    keys: { onKeyDown: hold.take('onKeyDown', node, what), 'aria-describedby': HELP },
  };
}

/** A card or sub-table that takes fields: ref for its element. */
export function useZone(place) {
  const places = useContext(PlacesContext);
  const key = `${place.card}/${place.table}`;
  return useCallback((node) => {
    const zone = { node, place };
    places.zones.add(zone);
    return () => places.zones.delete(zone);
  }, [places, key]);
}

/** The line between two fields where a carried one would go. `words()` says where that is. */
export function Slot({ place, words, shape }) {
  const places = useContext(PlacesContext);
  const latest = useRef(null);
  latest.current = { place, words };
  const ref = useCallback((node) => {
    const slot = { node, get place() { return latest.current.place; }, words: () => latest.current.words() };
    places.slots.add(slot);
    return () => places.slots.delete(slot);
  }, [places]);
  return <div ref={ref} className={`slot ${shape}`} />;
}
