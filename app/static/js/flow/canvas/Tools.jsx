// On the canvas: how near it is, all of it, tidy up, the small map, and the search over its steps.
import { useEffect, useRef, useState } from 'react';
import * as actions from '../actions.js';
import { Icon } from '../icons.jsx';
import { search } from '../model/content.js';
import { useEditor, useView } from '../../designer/use.js';
import { take } from '../view/export.js';
import { SmallMap } from './SmallMap.jsx';
import { useZoom } from './xyflow.jsx';

export function Tools({ view, free }) {
  const editor = useEditor();
  const { t } = editor;
  const find = useView((state) => state.find);
  const loose = useView((state) => state.view === 'free' && Object.keys(state.content.layout?.pos || {}).some((id) => !state.content.layout.pinned?.includes(id)));
  const many = useView((state) => (state.content.nodes || []).length > 8);
  return (
    <>
      {find && <Find />}
      <div className="canvas-tools" role="toolbar" aria-label={t('canvas')}>
        <button type="button" className="tool" aria-label={t('find_step')} title={`${t('find_step')} Ctrl+F`} onClick={() => editor.set({ find: !editor.state.find })}><Icon name="search" /></button>
        <i />
        <button type="button" className="tool" aria-label={t('zoom_out')} title={t('zoom_out')} onClick={() => view.current.zoom(1 / 1.25)}><Icon name="zoom-out" /></button>
        <Percent view={view} />
        <button type="button" className="tool" aria-label={t('zoom_in')} title={t('zoom_in')} onClick={() => view.current.zoom(1.25)}><Icon name="zoom-in" /></button>
        <button type="button" className="btn quiet small" onClick={() => view.current.fit(editor.layout().box)}><Icon name="fit" size={16} />{t('zoom_fit')}</button>
        {free && <button type="button" className="btn quiet small" title={t('tidy_help')} disabled={!loose} onClick={() => actions.tidy(editor)}><Icon name="wand" size={16} />{t('tidy')}</button>}
        <details className="export" onToggle={(event) => event.currentTarget.open && event.currentTarget.querySelector('button').focus()} onKeyDown={(event) => { if (event.key === 'Escape') { event.currentTarget.open = false; event.stopPropagation(); } }}>
          <summary className="btn quiet small"><Icon name="image" size={16} />{t('export')}</summary>
          <div>{['png', 'svg'].map((kind) => <button key={kind} type="button" className="btn quiet small" onClick={(event) => { event.currentTarget.closest('details').open = false; take(editor, kind); }}>{t(`export_${kind}`)}</button>)}</div>
        </details>
      </div>
      {many && <SmallMap view={view} />}
    </>
  );
}

function Percent({ view }) {
  const { t } = useEditor();
  const zoom = useZoom();
  return <button type="button" className="link percent" title={t('zoom_life')} aria-label={`${t('zoom_life')} ${zoom}%`} onClick={() => view.current.zoom(1 / view.current.scale())}>{zoom}%</button>;
}

/** Search over the steps: letters find, Enter goes to the next one found. */
function Find() {
  const editor = useEditor();
  const { t } = editor;
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(-1);
  const input = useRef(null);
  useEffect(() => input.current.focus(), []);
  const ids = search(editor.content, editor.kinds, query, editor.locale, editor.state.summaries);
  const go = (to) => {
    if (!ids.length) return;
    const n = (to + ids.length) % ids.length;
    setAt(n);
    editor.show(ids[n], { panel: false });
  };
  const close = () => {
    editor.set({ find: false });
    if (editor.state.selection.length) actions.focusOn(editor.state.selection[0]);
  };
  return (
    <div className="find-step" role="search">
      <div className="find-box"><Icon name="search" size={18} />
        <input ref={input} type="search" value={query} placeholder={t('find_step')} aria-label={t('find_step')} title={t('find_step_help')} onChange={(event) => { setQuery(event.target.value); setAt(-1); }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') close();
            else if (event.key === 'Enter' && !event.nativeEvent.isComposing) go(at + (event.shiftKey ? -1 : 1));
            else return;
            event.preventDefault();
            event.stopPropagation();
          }} />
      </div>
      <span role="status">{query.trim() && (ids.length ? (at < 0 ? t('found_n', { n: ids.length }) : `${at + 1} / ${ids.length}`) : t('found_none', { query }))}</span>
      <button type="button" className="tool" aria-label={t('close')} onClick={close}><Icon name="close" /></button>
    </div>
  );
}
