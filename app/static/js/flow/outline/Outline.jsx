// The flow as an indented list (a tree for screen readers), worked by keys alone, by mouse or with a finger.
import { useEffect, useMemo, useRef, useState } from 'react';
import * as actions from '../actions.js';
import { useEditor, useView } from '../../designer/use.js';
import { Icon } from '../icons.jsx';
import { moveStep, outline, placeOf, shown } from '../model/outline.js';
import { rowFor } from '../shortcuts.js';
import { OUTLINE } from './keys.js';
import { Line } from './Line.jsx';

export function Outline() {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const selection = useView((state) => state.selection);
  const goal = useView((state) => state.goal);
  const [folded, setFolded] = useState(new Set());
  const [here, setHere] = useState(null); // key of the row that Tab comes to
  const tree = useRef(null);
  const all = useMemo(() => outline(content, editor.kinds), [content, editor.kinds]);
  const rows = useMemo(() => shown(all, folded), [all, folded]);
  const stops = rows.filter((row) => row.what !== 'side' && row.what !== 'loose');
  const now = stops.find((row) => row.key === here) || stops.find((row) => row.id === selection[0]) || stops[0];
  const focus = (key) => {
    setHere(key);
    const line = () => tree.current?.querySelector(`[data-key="${CSS.escape(key)}"]`);
    line()?.focus(); // at once: the next key may come before the next frame
    requestAnimationFrame(() => (document.activeElement === document.body || tree.current?.contains(document.activeElement)) && line()?.focus()); // moved in the list, it lost it
  };
  useEffect(() => {
    const row = goal && all.find((one) => one.id === goal.id);
    if (!row) return;
    const closed = new Set(folded);
    for (let up = row.parent; up; up = all.find((one) => one.key === up)?.parent) closed.delete(up);
    if (closed.size !== folded.size) setFolded(closed);
    setHere(row.key);
    requestAnimationFrame(() => tree.current?.querySelector(`[data-key="${CSS.escape(row.key)}"]`)?.scrollIntoView({ block: 'nearest' }));
  }, [goal]);
  const fold = (row, close) => setFolded((before) => {
    const next = new Set(before);
    if (close) next.add(row.key);
    else next.delete(row.key);
    return next;
  });
  const holds = (row) => all.some((one) => one.parent === row.key);
  const go = (row) => {
    setHere(row.key);
    if (row.what === 'node') editor.select(row.id);
    else editor.select(null);
  };
  const add = (row, spot) => {
    const place = placeOf(content, editor.kinds, row);
    if (!place) return;
    const box = (spot || tree.current.querySelector(`[data-key="${CSS.escape(row.key)}"]`)).getBoundingClientRect();
    setHere(row.key);
    actions.openPalette(editor, place, { x: box.left + Math.min(box.width / 2, 220), y: box.bottom + 4 });
  };
  const open = (row) => {
    if (row.what === 'ref') {
      const target = all.find((one) => one.id === row.target);
      if (target) {
        editor.select(row.target);
        focus(target.key);
      }
    } else if (row.what !== 'node') add(row);
    else {
      editor.select(row.id);
      editor.set({ panel: true, focusField: { node: row.id, path: 'name' } });
    }
  };
  const move = (row, by) => {
    if (row.what !== 'node') return;
    const moved = moveStep(content, editor.kinds, row.id, by);
    const what = editor.label(row.id);
    if (!moved) return editor.tell(t('outline_cannot', { what }));
    editor.edit(t('did_move', { what }), moved.content, { select: [row.id] });
    return focus(row.key);
  };
  const drop = (row) => {
    const at = stops.indexOf(row);
    if (row.what === 'ref' && row.edge) actions.cut(editor, row.edge);
    else if (row.what === 'node') {
      editor.select(row.id);
      actions.remove(editor);
    } else return;
    const before = stops.slice(0, at).reverse().find((one) => one.what === 'node' && editor.exists(one.id));
    if (before) focus(before.key);
  };
  const keys = (event) => {
    const row = event.target.closest('[data-key]') && rows.find((one) => one.key === event.target.closest('[data-key]').dataset.key);
    if (!row || event.target.closest('button')) return;
    const at = stops.indexOf(row);
    const to = (next) => {
      if (!next) return;
      go(next);
      focus(next.key);
    };
    const tree = {
      by: (by) => to(stops[at + by]),
      into: () => (folded.has(row.key) ? fold(row, false) : holds(row) && to(stops[at + 1])),
      out: () => (holds(row) && !folded.has(row.key) ? fold(row, true) : to(stops.find((one) => one.key === row.parent))),
      end: (last) => to(stops[last ? stops.length - 1 : 0]),
      move: (by) => move(row, by),
      open: () => open(row),
      add: () => add(row),
      drop: () => drop(row),
    };
    const does = rowFor(OUTLINE, event);
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does.run(tree, event);
  };
  return (
    <main className="outline" aria-label={t('outline')}>
      <div className="outline-tools">
        <button type="button" className="btn small" onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          actions.openPalette(editor, { start: true }, { x: box.left + box.width / 2, y: box.bottom + 4 });
        }}><Icon name="plus" size={16} />{t('add_start')}</button>
        <button type="button" className="btn small" onClick={() => editor.set({ selection: [], edge: null, panel: true, focusField: null })}><Icon name="gear" size={16} />{t('flow_panel')}</button>
      </div>
      {rows.length === 0 && <p className="none">{t('outline_empty')}</p>}
      <div ref={tree} className="tree" role="tree" aria-label={t('outline')} aria-describedby="outline-help" onKeyDown={keys}>
        {rows.map((row) => (row.what === 'side' || row.what === 'loose'
          ? <p key={row.key} className="tree-head" role="presentation">{t(`outline_${row.what}`)}</p>
          : <Line key={row.key} row={row} tabIndex={row === now ? 0 : -1} expanded={holds(row) ? !folded.has(row.key) : undefined} onPick={() => { go(row); focus(row.key); }} onOpen={() => open(row)} onAdd={placeOf(content, editor.kinds, row) ? (event) => add(row, event.currentTarget) : null} onFold={() => fold(row, !folded.has(row.key))} onFocus={() => setHere(row.key)} />))}
      </div>
      <p className="outline-hint" id="outline-help">{t('outline_help')}</p>
    </main>
  );
}

