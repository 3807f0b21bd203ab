// The one place that knows dnd-kit. Nothing on the canvas moves during a drag: cards stand still, and thin slots between
// them say where the field would go.
import { DndContext, DragOverlay, KeyboardSensor, MouseSensor, TouchSensor, useDraggable, useDroppable, useSensor, useSensors } from '@dnd-kit/core';
import { useMemo, useState } from 'react';
import { Icon } from './icons.jsx';
import { useEditor } from './use.js';

const KEYS = { start: ['Space'], cancel: ['Escape'], end: ['Space', 'Enter'] };
const MOUSE = { activationConstraint: { distance: 5 } };
const TOUCH = { activationConstraint: { delay: 180, tolerance: 8 } };

const inside = (point, rect) => point.x >= rect.left && point.x <= rect.right && point.y >= rect.top && point.y <= rect.bottom;
const gap = (point, rect) => Math.hypot(Math.max(rect.left - point.x, 0, point.x - rect.right), Math.max(rect.top - point.y, 0, point.y - rect.bottom));
const fits = (slot, active) => !slot.place.table || (active.data.current.inRows && slot.place.table !== active.id);

/** The slot nearest to the pointer within the innermost zone (card or sub-table) under it; by keyboard the nearest of all. */
function collide({ active, droppableContainers, droppableRects, pointerCoordinates, collisionRect }) {
  const known = droppableContainers.filter((one) => droppableRects.has(one.id) && !one.disabled);
  const data = (one) => one.data.current;
  let slots = known.filter((one) => data(one).place && fits(data(one), active));
  const point = pointerCoordinates || { x: collisionRect.left, y: collisionRect.top };
  if (pointerCoordinates) {
    const zones = known.filter((one) => data(one).zone && inside(point, droppableRects.get(one.id)) && slots.some((slot) => data(slot).of === one.id));
    const area = (one) => droppableRects.get(one.id).width * droppableRects.get(one.id).height;
    const zone = zones.sort((one, other) => area(one) - area(other))[0];
    if (!zone) return [];
    slots = slots.filter((slot) => data(slot).of === zone.id);
  }
  return slots.map((slot) => ({ id: slot.id, distance: gap(point, droppableRects.get(slot.id)) })).sort((one, other) => one.distance - other.distance).slice(0, 1);
}

/** Arrow keys go from slot to slot as they come down the page. */
function nextSlot(event, { context: { active, over, droppableContainers, droppableRects } }) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.code];
  if (!step) return undefined;
  event.preventDefault();
  const rectOf = (one) => droppableRects.get(one.id);
  const slots = droppableContainers.getEnabled()
    .filter((one) => one.data.current.place && rectOf(one) && fits(one.data.current, active))
    .sort((one, other) => rectOf(one).top - rectOf(other).top || rectOf(one).left - rectOf(other).left);
  const at = slots.findIndex((one) => one.id === over?.id);
  const to = slots[Math.min(Math.max(at < 0 ? 0 : at + step, 0), slots.length - 1)];
  return to && { x: rectOf(to).left, y: rectOf(to).top };
}

/** The chip hangs at the pointer, wherever the wide card was taken. */
function atPointer({ activatorEvent, draggingNodeRect, transform }) {
  const point = activatorEvent?.touches?.[0] || activatorEvent;
  if (!draggingNodeRect || point?.clientX === undefined) return transform;
  return { ...transform, x: transform.x + point.clientX - draggingNodeRect.left - 16, y: transform.y + point.clientY - draggingNodeRect.top - 20 };
}

export function DragArea({ children, onDrop }) {
  const editor = useEditor();
  const [held, setHeld] = useState(null);
  const sensors = useSensors(useSensor(MouseSensor, MOUSE), useSensor(TouchSensor, TOUCH), useSensor(KeyboardSensor, { keyboardCodes: KEYS, coordinateGetter: nextSlot }));
  const accessibility = useMemo(() => {
    const { t } = editor;
    const what = (active) => active.data.current.label;
    const where = (over) => over.data.current.words();
    return {
      announcements: {
        onDragStart: ({ active }) => t('drag_start', { what: what(active) }),
        onDragOver: ({ active, over }) => (over ? t('drag_over', { what: what(active), where: where(over) }) : t('drag_nowhere')),
        onDragEnd: ({ active, over }) => (over ? t('drag_end', { what: what(active), where: where(over) }) : t('drag_cancel')),
        onDragCancel: () => t('drag_cancel'),
      },
      screenReaderInstructions: { draggable: t('drag_help') },
    };
  }, [editor]);
  return (
    <DndContext
      sensors={sensors} collisionDetection={collide} accessibility={accessibility} autoScroll={{ threshold: { x: 0, y: 0.12 } }}
      onDragStart={({ active }) => setHeld(active.data.current)}
      onDragCancel={() => setHeld(null)}
      onDragEnd={({ active, over }) => {
        setHeld(null);
        if (over) onDrop(active.data.current, over.data.current.place);
      }}
    >
      {children}
      <DragOverlay dropAnimation={null} modifiers={[atPointer]} className="held">
        {held && <div className="chip-held"><Icon name={held.icon} />{held.label}{held.count > 1 && <b>{held.count}</b>}</div>}
      </DragOverlay>
    </DndContext>
  );
}

/** Makes something draggable: {ref, grip (mouse and touch), keys (for a button), dragging}. */
export function useHold(id, data) {
  const { setNodeRef, setActivatorNodeRef, listeners, attributes, isDragging } = useDraggable({ id, data });
  return {
    ref: setNodeRef,
    button: setActivatorNodeRef,
    grip: { onMouseDown: listeners.onMouseDown, onTouchStart: listeners.onTouchStart },
    keys: { onKeyDown: listeners.onKeyDown, 'aria-describedby': attributes['aria-describedby'] },
    dragging: isDragging,
  };
}

const zoneId = (place) => `zone:${place.table || place.card}`;

/** A card or sub-table that takes fields: ref for its element. */
export const useZone = (place) => useDroppable({ id: zoneId(place), data: { zone: true } }).setNodeRef;

/** The line between two fields where a dragged one would go. `words()` says where that is. */
export function Slot({ place, words, shape }) {
  const { setNodeRef, isOver } = useDroppable({ id: `slot:${place.table || place.card}:${place.before || ''}`, data: { place, of: zoneId(place), words } });
  return <div ref={setNodeRef} className={`slot ${shape}${isOver ? ' over' : ''}`} />;
}
