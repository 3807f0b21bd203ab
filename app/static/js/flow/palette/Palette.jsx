// What opens at a +: types to add, the most used first, or a step of the flow to lead to. Letters search, arrows walk, Enter takes.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import * as actions from '../actions.js';
import { Icon, KindIcon } from '../icons.jsx';
import { index, isTrigger, search, walk } from '../model/content.js';
import { mayEnd, refusal, sourceOf } from '../model/edits.js';
import { useEditor, useView } from '../../designer/use.js';
import { usual } from './usual.js';

export function Palette() {
  const place = useView((state) => state.place);
  return place ? <Open key={JSON.stringify(place)} place={place} /> : null;
}

/** Kinds that may be put into a place. */
export function offered(editor, place) {
  const all = editor.boot.catalog.nodes.filter((kind) => kind.latest !== false && !kind.gathers);
  if (place.start) return all.filter(isTrigger);
  const ends = mayEnd(editor.content, editor.kinds, place);
  return all.filter((kind) => !isTrigger(kind) && (ends || kind.portsFrom || kind.ports.length));
}

function Open({ place }) {
  const editor = useEditor();
  const { t } = editor;
  const [tab, setTab] = useState('add');
  const [query, setQuery] = useState('');
  const box = useRef(null);
  const input = useRef(null);
  useEffect(() => input.current?.focus({ preventScroll: true }), [tab]);
  useLayoutEffect(() => within(box.current, place.at), [place, tab, query]);
  useEffect(() => {
    const away = (event) => !box.current.contains(event.target) && actions.closePalette(editor, false);
    document.addEventListener('pointerdown', away, true);
    return () => document.removeEventListener('pointerdown', away, true);
  }, [editor]);
  const keys = (event) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') actions.closePalette(editor);
    else if (event.key === 'Enter' && event.target === input.current) box.current.querySelector('.step-kind')?.click();
    else if (['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight'].includes(event.key)) walkOffers(event, box.current, input.current);
    else if (event.key !== 'Tab') return event.stopPropagation();
    else return event.stopPropagation();
    event.stopPropagation();
    return event.key.startsWith('Arrow') && event.target === input.current && !['ArrowDown', 'ArrowUp'].includes(event.key) ? undefined : event.preventDefault();
  };
  const title = titleOf(editor, place);
  return (
    <div ref={box} className="flow-palette" role="dialog" aria-label={title} onKeyDown={keys}>
      <p className="palette-where">{title}</p>
      {!place.start && (
        <div className="segments">
          <button type="button" aria-pressed={tab === 'add'} onClick={() => setTab('add')}>{t('palette_add')}</button>
          <button type="button" aria-pressed={tab === 'link'} onClick={() => setTab('link')}>{t('palette_link')}</button>
        </div>
      )}
      <div className="find-box"><Icon name="search" size={18} /><input ref={input} type="search" value={query} onChange={(event) => setQuery(event.target.value)} placeholder={t(tab === 'add' ? 'palette_find' : 'palette_find_step')} aria-label={t(tab === 'add' ? 'palette_find' : 'palette_find_step')} /></div>
      <div className="palette-list">
        {tab === 'add' ? <Kinds place={place} query={query} /> : <Steps place={place} query={query} />}
      </div>
      {place.edge && <button type="button" className="btn quiet cut" onClick={() => actions.cut(editor, place.edge)}><Icon name="close" size={16} />{t('cut_line')}</button>}
    </div>
  );
}

function titleOf(editor, place) {
  const { t } = editor;
  if (place.start) return t('add_start');
  const { source, port } = sourceOf(editor.content, place);
  const all = editor.layout().ports.get(source) || [];
  const way = all.find((one) => one.port === port);
  return all.length > 1 && way ? t('add_at', { what: editor.label(source), port: editor.say(way.label) || port }) : t('add_after', { what: editor.label(source) });
}

/** The window's edges hold it; opened low down it stands above the +. */
function within(box, at) {
  if (!at || matchMedia('(max-width: 599px)').matches) return;
  const { width, height } = box.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(at.x - width / 2, innerWidth - width - 8))}px`;
  box.style.top = `${Math.max(8, Math.min(at.y, innerHeight - height - 8))}px`;
}

function walkOffers(event, box, input) {
  const all = [...box.querySelectorAll('.step-kind')];
  const at = all.indexOf(event.target);
  if (at < 0) {
    if (event.key === 'ArrowDown') all[0]?.focus();
    return;
  }
  const here = all[at].getBoundingClientRect();
  const beside = { ArrowRight: all[at + 1], ArrowLeft: all[at - 1] }[event.key];
  const below = event.key === 'ArrowDown' && all.slice(at + 1).find((one) => one.getBoundingClientRect().top > here.top + 4 && Math.abs(one.getBoundingClientRect().left - here.left) < 20);
  const above = event.key === 'ArrowUp' && all.slice(0, at).reverse().find((one) => one.getBoundingClientRect().top < here.top - 4 && Math.abs(one.getBoundingClientRect().left - here.left) < 20);
  const next = beside || below || above || (event.key === 'ArrowDown' ? all[at + 1] : event.key === 'ArrowUp' ? input : null);
  next?.focus();
}

function Kinds({ place, query }) {
  const editor = useEditor();
  const { t } = editor;
  const wanted = query.trim().toLowerCase();
  const kinds = offered(editor, place);
  const fits = kinds.filter((kind) => !wanted || [...Object.values(kind.label), kind.type, editor.say(editor.groups.get(kind.group)?.label)].some((word) => word.toLowerCase().includes(wanted)));
  if (!fits.length) return <p className="none">{t('palette_none', { query })}</p>;
  const best = wanted ? fits.filter((kind) => editor.say(kind.label).toLowerCase().startsWith(wanted)).sort((one, other) => editor.say(one.label).length - editor.say(other.label).length) : []; // Enter takes the first
  const most = wanted || place.start ? best : usual(kinds);
  const groups = [...editor.groups.values()].map((group) => ({ ...group, kinds: fits.filter((kind) => kind.group === group.id) })).filter((group) => group.kinds.length);
  const rest = fits.filter((kind) => !editor.groups.has(kind.group));
  return (
    <>
      {most.length > 0 && <Group label={wanted ? '' : t('most_used')} kinds={most} place={place} />}
      {groups.map((group) => ({ ...group, kinds: group.kinds.filter((kind) => !best.includes(kind)) })).filter((group) => group.kinds.length).map((group) => <Group key={group.id} label={editor.say(group.label)} kinds={group.kinds} place={place} />)}
      {rest.length > 0 && <Group label="" kinds={rest} place={place} />}
    </>
  );
}

function Group({ label, kinds, place }) {
  const editor = useEditor();
  return (
    <section>
      {label && <h2>{label}</h2>}
      <ul className="step-kinds">
        {kinds.map((kind) => <li key={kind.type}><button type="button" className={`step-kind tone-${editor.tone(kind)}`} onClick={() => actions.add(editor, kind, place)}><KindIcon kind={kind} size={18} /><span>{editor.say(kind.label)}</span></button></li>)}
      </ul>
    </section>
  );
}

function Steps({ place, query }) {
  const editor = useEditor();
  const { t, content, kinds } = editor;
  const { source, port } = sourceOf(content, place);
  const now = place.edge ? index(content).at.get(place.edge).target : null;
  const order = query.trim() ? search(content, kinds, query, editor.locale, editor.state.summaries) : walk(content, kinds).order;
  const fit = order.filter((id) => !refusal(content, kinds, source, port, id, place.edge));
  const before = new Set(walk(content, kinds).order.slice(0, walk(content, kinds).order.indexOf(source)));
  if (!fit.length) return <p className="none">{t('palette_none_step')}</p>;
  return (
    <ul className="step-kinds steps">
      {fit.map((id) => (
        <li key={id}>
          <button type="button" className={`step-kind tone-${editor.tone(editor.kindOf(id))}`} aria-current={id === now || undefined} onClick={() => actions.lead(editor, place, id)}>
            <KindIcon kind={editor.kindOf(id)} size={18} /><span>{editor.label(id)}</span>{id === now ? <em>{t('leads_now')}</em> : before.has(id) && <em>{t('goes_back')}</em>}
          </button>
        </li>
      ))}
    </ul>
  );
}
