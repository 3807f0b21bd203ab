// Choosing several steps by drawing a frame around them: with Shift, where dragging alone moves the picture. Fingers have no Shift.

/** What the mouse does on the canvas besides pressing, for the window of shortcuts. */
export const MOUSE = [
  { said: 'mouse_frame', words: 'mouse_frame_does' },
  { said: 'mouse_many', words: 'mouse_many_does' },
];

const MOVED = 4; // px

/** Listen on the canvas. `frame` ({x, y, w, h} of the window, or null) is told while it is drawn, `done` when it is let go. Gives the
    function that stops it. `mayBegin(target)`: whether nothing stands there. */
export function lasso(root, { mayBegin, frame, done }) {
  let from = null;
  let box = null;
  const move = (event) => {
    const { clientX: x, clientY: y } = event;
    if (!box && Math.hypot(x - from.x, y - from.y) < MOVED) return;
    box = { x: Math.min(x, from.x), y: Math.min(y, from.y), w: Math.abs(x - from.x), h: Math.abs(y - from.y) };
    frame(box);
  };
  const stop = () => {
    removeEventListener('mousemove', move);
    removeEventListener('mouseup', up);
    removeEventListener('keydown', escape, true);
    frame(null);
    from = null;
    box = null;
  };
  const up = () => {
    const drawn = box;
    stop();
    if (!drawn) return;
    root.addEventListener('click', (event) => event.stopPropagation(), { capture: true, once: true }); // it ends the frame, it is no press
    setTimeout(() => done(drawn));
  };
  const escape = (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    stop();
  };
  const down = (event) => {
    if (!event.shiftKey || event.button || !mayBegin(event.target)) return;
    event.preventDefault();
    event.stopPropagation(); // the picture stays where it is
    from = { x: event.clientX, y: event.clientY };
    addEventListener('mousemove', move);
    addEventListener('mouseup', up);
    addEventListener('keydown', escape, true);
  };
  root.addEventListener('mousedown', down, true);
  return () => {
    root.removeEventListener('mousedown', down, true);
    if (from) stop();
  };
}

/** Which of these places {id → {x, y, w, h}} a frame touches, in their order. */
export const touched = (places, box) => [...places].filter(([, one]) => one.x < box.x + box.w && one.x + one.w > box.x && one.y < box.y + box.h && one.y + one.h > box.y).map(([id]) => id);
