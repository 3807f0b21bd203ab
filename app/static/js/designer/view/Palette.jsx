// Field types by group: click, Enter, or drag onto the canvas. The search also finds fields that are already in the form.
import { memo, useDeferredValue, useMemo, useRef, useState } from 'react';
import * as actions from '../actions.js';
import { useTake } from '../dnd.jsx';
import { arrows } from '../focus.js';
import { Icon } from '../icons.jsx';
import { search } from '../model/content.js';
import { useEditor, useView } from '../use.js';

export const Palette = memo(function Palette() {
  const editor = useEditor();
  const { t } = editor;
  const [query, setQuery] = useState('');
  const [stop, setStop] = useState(''); // the type that the Tab key comes to; the arrow keys go on from there
  const wanted = query.trim().toLowerCase();
  const fits = (kind) => !wanted || [...Object.values(kind.label), kind.type].some((word) => word.toLowerCase().includes(wanted));
  const { groups } = editor.boot.catalog;
  const types = useMemo(() => [...editor.boot.catalog.types, sectionKind(t)], [editor]);
  const shown = groups.map((group) => ({ ...group, kinds: types.filter((kind) => kind.group === group.id && fits(kind)) })).filter((group) => group.kinds.length);
  const kinds = shown.flatMap((group) => group.kinds);
  const stopped = kinds.find((kind) => kind.type === stop) || kinds[0];
  return (
    <aside className="palette" aria-label={t('palette')}>
      <div className="find-box">
        <Icon name="search" size={18} />
        <input type="search" value={query} onChange={(event) => setQuery(event.target.value)} placeholder={t('find')} aria-label={t('find')} title={t('find_help')} id="find"
          onKeyDown={(event) => {
            if (event.key === 'Escape' && query) setQuery('');
            else if (event.key === 'Escape') actions.focusOn(editor.state.selection[0]);
            if (event.key === 'Enter' && wanted && shown.length && !event.nativeEvent.isComposing) {
              event.preventDefault();
              add(editor, shown[0].kinds[0]);
              setQuery('');
            }
          }} />
      </div>
      <div className="palette-list" role="toolbar" aria-orientation="vertical" aria-label={t('palette')} onKeyDown={(event) => arrows(event, '.kind')}>
        {wanted && <Found query={query} />}
        {shown.map((group) => (
          <section key={group.id}>
            <h2>{editor.say(group.label)}</h2>
            <ul className="kinds">{group.kinds.map((kind) => <li key={kind.type}><Kind kind={kind} stop={kind === stopped} onFocus={setStop} /></li>)}</ul>
          </section>
        ))}
        {wanted && !shown.length && <p className="none">{t('no_type', { query })}</p>}
      </div>
    </aside>
  );
});

/** A section is added and dragged like a field. */
const sectionKind = (t) => ({ type: 'section', section: true, label: { section: t('section') }, group: 'layout', icon: 'section' });
const add = (editor, kind) => (kind.section ? actions.addSection(editor) : actions.addField(editor, kind));

const Kind = memo(function Kind({ kind, stop, onFocus }) {
  const editor = useEditor();
  const label = editor.say(kind.label);
  const button = useRef(null);
  const { grip } = useTake(() => button.current, () => ({ id: null, label, icon: kind.icon, count: 1, tapped: () => add(editor, kind), ...(kind.section ? { section: true, refused: () => '' } : { kind, refused: (place) => actions.refusal(editor, { kind }, place) }) }));
  return (
    <button ref={button} type="button" className="kind" tabIndex={stop ? 0 : -1} onFocus={() => onFocus(kind.type)} onClick={() => add(editor, kind)} {...grip} title={editor.t('add_hint')}>
      <Icon name={kind.icon} /><span>{label}</span>
    </button>
  );
});

function Found({ query }) {
  const editor = useEditor();
  const content = useView((state) => state.content);
  const late = useDeferredValue(query);
  const ids = search(content, late, editor.kinds, editor.locale).slice(0, 30);
  if (!ids.length) return null;
  const go = (id) => {
    editor.select(id);
    document.querySelector(`[data-id="${id}"]`)?.focus();
  };
  return (
    <section>
      <h2>{editor.t('in_this_form')}</h2>
      <ul className="found">{ids.map((id) => <li key={id}><button type="button" onClick={() => go(id)}>{editor.label(id)}</button></li>)}</ul>
    </section>
  );
}
