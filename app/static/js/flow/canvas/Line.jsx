// A line from a way out to the next step: its words, its + and, where it was picked, its stronger colour.
import { memo } from 'react';
import * as actions from '../actions.js';
import { labelWidth } from '../model/layout.js';
import { wrap } from '../model/text.js';
import { useEditor, useView } from '../../designer/use.js';
import { arrow, path, simple } from '../model/route.js';

export const Line = memo(function Line({ line, x1, y1, x2, y2 }) {
  const editor = useEditor();
  const { t } = editor;
  const [lit, faded, picked, mark, words] = useView((state) => [Boolean(state.lit?.edges?.has(line.id)), Boolean(state.lit), state.edge === line.id, state.compare?.edges.get(line.id) || '', state.lit?.ports?.[`${line.source}:${line.port}`] || '']);
  const { course } = line;
  const still = course && Math.abs(course.points[0][0] - x1) < 1 && Math.abs(course.points[0][1] - y1) < 1 && Math.abs(course.points.at(-1)[0] - x2) < 1 && Math.abs(course.points.at(-1)[1] - y2) < 1;
  const points = still ? course.points : simple(x1, y1, x2, y2);
  const plus = still ? course.plus : { x: x1, y: y1 + 40 };
  const label = still ? course.label : { x: x1, y: y1 + 4, room: line.room };
  const d = path(points);
  const source = useView(() => editor.label(line.source));
  const open = (event) => {
    event.stopPropagation();
    const box = event.currentTarget.getBoundingClientRect();
    editor.set({ edge: line.id, selection: [], panel: false });
    actions.openPalette(editor, line.place, { x: box.left + box.width / 2, y: box.bottom + 6 });
  };
  return (
    <g className={`line${line.open ? ' open' : ''}${line.optional ? ' optional' : ''}${line.stray ? ' stray' : ''}${lit ? ' lit' : words ? ' told' : faded ? ' faded' : ''}${picked ? ' picked' : ''}${mark ? ` cmp ${mark}` : ''}`}>
      {!line.open && <path d={d} className="line-reach" data-edge={line.id} onClick={(event) => { event.stopPropagation(); editor.set({ edge: line.id, selection: [], panel: false }); }} />}
      <path d={d} className="line-path" />
      {!line.open && <path d={arrow(points)} className="line-arrow" />}
      {(line.label || words) && <Label at={label} text={[line.label, words].filter(Boolean).join(' · ')} wide={Boolean(words)} />}
      {!line.open && !mark && (
        <g className="plus nopan" role="button" tabIndex={-1} aria-label={line.label ? t('add_at', { what: source, port: line.label }) : t('add_after', { what: source })} data-plus={line.id} onClick={open}>
          <circle className="plus-reach" cx={plus.x} cy={plus.y} r="12" /><circle className="plus-face" cx={plus.x} cy={plus.y} r="10" /><path d={`M${plus.x - 4.5} ${plus.y}h9m-4.5 -4.5v9`} />
        </g>
      )}
    </g>
  );
});

/** Words at a way out, on the ground of the canvas, cut where they would be too long. */
function Label({ at, text, wide }) {
  const room = wide ? 200 : at.room;
  const w = labelWidth(text, room);
  const [shown] = wrap(text, room - 12, 12, 1);
  const x = at.start ? at.x : at.x - w / 2;
  return (
    <g className="line-label">
      <rect x={x} y={at.y} width={w} height="20" rx="4" /><text x={x + w / 2} y={at.y + 14}>{shown}</text><title>{text}</title>
    </g>
  );
}
