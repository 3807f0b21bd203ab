// The flow in the corner, as small as a stamp: where in it one is, and a way to go elsewhere.
import { memo, useRef } from 'react';
import { useEditor, useView } from '../../designer/use.js';
import { useSight } from './xyflow.jsx';

const [W, H] = [200, 150];

export function SmallMap({ view }) {
  const editor = useEditor();
  useView((state) => state.content);
  const free = useView((state) => state.view === 'free');
  const box = useRef(null);
  const places = free ? editor.places() : editor.layout().nodes;
  const all = [...places.values()];
  if (!all.length) return null;
  const [x, y] = [Math.min(...all.map((one) => one.x)), Math.min(...all.map((one) => one.y))];
  const [w, h] = [Math.max(...all.map((one) => one.x + one.w)) - x, Math.max(...all.map((one) => one.y + one.h)) - y];
  const scale = Math.max(w / (W - 16), h / (H - 16));
  const frame = { x: x - (W * scale - w) / 2, y: y - (H * scale - h) / 2 };
  const go = (event) => {
    if (event.buttons !== 1) return;
    const { left, top } = box.current.getBoundingClientRect();
    view.current.center(frame.x + (event.clientX - left) * scale, frame.y + (event.clientY - top) * scale, { animate: event.type === 'pointerdown' });
  };
  return (
    <svg ref={box} className="map nopan nowheel" width={W} height={H} viewBox={`${frame.x} ${frame.y} ${W * scale} ${H * scale}`} role="img" aria-label={editor.t('map')}
      onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); go(event); }} onPointerMove={go}>
      <Stones places={places} content={editor.content} scale={scale} />
      <Sight scale={scale} />
    </svg>
  );
}

/** The cards, one path a colour. */
const Stones = memo(function Stones({ places, scale }) {
  const editor = useEditor();
  const tones = new Map();
  for (const [id, one] of places) {
    if (!editor.exists(id)) continue;
    const tone = editor.tone(editor.kindOf(id));
    tones.set(tone, `${tones.get(tone) || ''}M${one.x} ${one.y}h${one.w}v${Math.max(one.h, 3 * scale)}h${-one.w}z`);
  }
  return [...tones].map(([tone, d]) => <path key={tone} d={d} className={`stones tone-${tone}`} />);
});

function Sight({ scale }) {
  const { x, y, w, h } = useSight();
  return <rect className="sight" x={x} y={y} width={w} height={h} strokeWidth={1.5 * scale} rx={3 * scale} />;
}
