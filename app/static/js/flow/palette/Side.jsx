// In the free view the types stand at the left: a click adds one behind the selected step, a drag puts it on a line, an open way out,
// or anywhere on the canvas. Pointer events, so that a finger can do it, too.
import { useRef, useState } from 'react';
import * as actions from '../actions.js';
import { Icon, KindIcon } from '../icons.jsx';
import { isTrigger } from '../model/content.js';
import { behind, mayEnd } from '../model/edits.js';
import { useEditor } from '../../designer/use.js';
import { CARD } from '../model/sizes.js';

const STIR_PX = 6;

export function Side({ view }) {
  const editor = useEditor();
  const { t } = editor;
  const [query, setQuery] = useState('');
  const [held, setHeld] = useState(null); // {kind, x, y, place}
  const wanted = query.trim().toLowerCase();
  const kinds = editor.boot.catalog.nodes.filter((kind) => kind.latest !== false && !kind.gathers && (!wanted || [...Object.values(kind.label), kind.type].some((word) => word.toLowerCase().includes(wanted))));
  const groups = [...editor.groups.values()].map((group) => ({ ...group, kinds: kinds.filter((kind) => kind.group === group.id) })).filter((group) => group.kinds.length);
  const drop = (kind, point) => {
    const place = under(editor, kind, point);
    editor.set({ edge: null });
    if (place) actions.add(editor, kind, place, null);
    else {
      const at = view.current.here(point.x, point.y);
      actions.add(editor, kind, null, { x: at.x - CARD / 2, y: at.y - 28 });
    }
  };
  return (
    <aside className="side" aria-label={t('side')}>
      <div className="find-box"><Icon name="search" size={18} /><input type="search" value={query} onChange={(event) => setQuery(event.target.value)} placeholder={t('palette_find')} aria-label={t('palette_find')} /></div>
      <div className="side-list">
        {groups.map((group) => (
          <section key={group.id}>
            <h2>{editor.say(group.label)}</h2>
            <ul>{group.kinds.map((kind) => <li key={kind.type}><Piece kind={kind} onHold={setHeld} onDrop={drop} /></li>)}</ul>
          </section>
        ))}
      </div>
      {held && <div className="chip-held side-held" style={{ left: held.x, top: held.y }}><KindIcon kind={held.kind} size={18} />{editor.say(held.kind.label)}</div>}
    </aside>
  );
}

/** The line or open way out under a point of the window, if this kind may stand there. */
function under(editor, kind, { x, y }) {
  if (isTrigger(kind) || kind.attaches) return null;
  for (const element of document.elementsFromPoint(x, y)) {
    const edge = element.closest?.('[data-edge]')?.dataset.edge || element.closest?.('[data-plus]')?.dataset.plus;
    if (edge && (kind.portsFrom || kind.ports.length || mayEnd(editor.content, editor.kinds, { edge }))) return { edge };
    const [node, port] = element.closest?.('[data-open]')?.dataset.open.split(':') || [];
    if (node) return { node, port };
  }
  return null;
}

function Piece({ kind, onHold, onDrop }) {
  const editor = useEditor();
  const from = useRef(null);
  const label = editor.say(kind.label);
  const stop = () => {
    from.current = null;
    onHold(null);
  };
  const click = () => {
    const { selection } = editor.state;
    const last = selection[selection.length - 1];
    actions.add(editor, kind, isTrigger(kind) ? { start: true } : last && editor.exists(last) ? behind(editor.content, editor.kinds, last) : null);
  };
  return (
    <button
      type="button" className={`side-kind tone-${editor.tone(kind)}`} title={editor.t('side_help')} onClick={(event) => (event.detail === 0 || !from.current?.stirred) && click()}
      onPointerDown={(event) => {
        from.current = { x: event.clientX, y: event.clientY, stirred: false };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (!from.current || !event.buttons) return;
        from.current.stirred ||= Math.hypot(event.clientX - from.current.x, event.clientY - from.current.y) > STIR_PX;
        if (!from.current.stirred) return;
        const place = under(editor, kind, { x: event.clientX, y: event.clientY });
        if ((place?.edge || null) !== editor.state.edge) editor.set({ edge: place?.edge || null });
        onHold({ kind, x: event.clientX, y: event.clientY });
      }}
      onPointerUp={(event) => {
        const stirred = from.current?.stirred;
        const point = { x: event.clientX, y: event.clientY };
        onHold(null);
        if (stirred && !document.querySelector('.side').contains(document.elementFromPoint(point.x, point.y))) onDrop(kind, point);
        setTimeout(() => { from.current = null; });
      }}
      onPointerCancel={stop}
    >
      <KindIcon kind={kind} size={18} /><span>{label}</span>
    </button>
  );
}
