// The form as its readers will see it: the title, a card for each section, its fields in the columns of a desktop page.
import { Fragment, memo, useCallback, useEffect, useMemo, useRef } from 'react';
import * as actions from '../actions.js';
import { Slot, useTake, useZone } from '../dnd.jsx';
import { Icon } from '../icons.jsx';
import { cards, pageStarts } from '../model/content.js';
import { setForm, setSection } from '../model/edits.js';
import { useEditor, useView } from '../use.js';
import { LineWords } from './LineWords.jsx';
import { FieldCard } from './FieldCard.jsx';

const LAST = { section: true, before: null };

export function Canvas() {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const listed = useMemo(() => cards(content), [content]);
  const starts = pageStarts(listed);
  const desktop = content.layout?.desktop || {};
  return (
    <main className="canvas" tabIndex={-1} onClick={(event) => event.target === event.currentTarget && editor.select(null)}>
      <div className={`paper columns-${desktop.columns || 1}`} onClick={(event) => event.target === event.currentTarget && editor.select(null)}>
        <LineWords className="paper-title" label={t('form_title')} value={content.title} onPointerDown={() => editor.select(null)} onChange={(title) => editor.edit(t('did_title'), (before) => setForm(before, { title }), { key: 'title' })} />
        {listed.map((card) => (
          <Fragment key={card.id || '_'}>
            {starts.has(card.id) && <p className="page-mark">{t('page_n', { n: starts.get(card.id), total: starts.size })}</p>}
            <Card card={card} columns={desktop.columns || 1} span={desktop.span} />
          </Fragment>
        ))}
        <div className="paper-end"><Slot place={LAST} words={() => t('end_of_form')} shape="sections" /></div>
        <button type="button" className="add-section" onClick={() => actions.addSection(editor)}><Icon name="plus" size={18} />{t('add_section')}</button>
      </div>
    </main>
  );
}

const sameCard = (one, other) =>
  one.columns === other.columns && one.span === other.span && one.card.section === other.card.section &&
  one.card.fields.length === other.card.fields.length && one.card.fields.every((field, at) => field === other.card.fields[at]);

const Card = memo(function Card({ card, columns, span }) {
  const editor = useEditor();
  const { t } = editor;
  const place = { card: card.id, table: null, before: null };
  const zone = useZone(place);
  const selected = useView((state) => state.selection.includes(card.id) && Boolean(card.id));
  const title = card.section ? editor.say(card.section.title) : '';
  const words = useCallback(() => (title ? editor.t('end_of', { what: title }) : editor.t('end_of_form')), [editor, title]);
  const lifted = useView((state) => Boolean(card.id) && state.carrying === card.id);
  const before = useCallback(() => editor.t('before_field', { what: title }), [editor, title]);
  const box = useRef(null);
  const head = useRef(null);
  const { grip, keys } = useTake(() => box.current, () => ({ id: card.id, label: title || t('unnamed'), icon: 'section', section: true, count: 1, refused: () => '' }));
  useEffect(() => {
    if (selected) head.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const both = useCallback((node) => {
    box.current = node;
    return zone(node);
  }, [zone]);
  const focused = (event) => event.target === box.current && !selected && box.current.matches(':focus-visible') && editor.select(card.id);
  return (
    <section ref={both} className={`sec${selected ? ' selected' : ''}${lifted ? ' lifted' : ''}`} aria-label={title || t('no_section')} aria-current={selected || undefined} data-id={card.id || undefined}
      tabIndex={card.id ? (selected ? 0 : -1) : undefined} onFocus={focused} onClick={() => editor.select(card.id || null)}>
      {card.section && <Slot place={{ section: true, before: card.id }} words={before} shape="sections" />}
      {card.section && (
        <header className="sec-head" ref={head}>
          <LineWords className="sec-title" label={t('section_title')} value={card.section.title} onFocus={() => editor.select(card.id)}
            tabIndex={selected ? 0 : -1}
            onChange={(next) => editor.edit(t('did_rename'), (before) => setSection(before, card.id, { title: next }), { key: `${card.id}.title` })} />
          {selected && (
            <div className="sec-tools">
              <button type="button" className="grip" title={t('drag')} aria-label={t('drag_section', { what: title })} {...grip} {...keys}><Icon name="grip" size={18} /></button>
              <button type="button" title={t('move_up')} aria-label={t('move_up')} onClick={() => actions.moveSection(editor, card.id, -1)}><Icon name="up" size={18} /></button>
              <button type="button" title={t('move_down')} aria-label={t('move_down')} onClick={() => actions.moveSection(editor, card.id, 1)}><Icon name="down" size={18} /></button>
              <button type="button" title={t('delete_section')} aria-label={t('delete_section')} onClick={() => actions.remove(editor)}><Icon name="trash" size={18} /></button>
            </div>
          )}
        </header>
      )}
      <div className="grid">
        {card.fields.map((field) => {
          const wide = field.fields ? columns : Math.min(span?.[field.id] || 1, columns);
          return <FieldCard key={field.id} field={field} place={{ ...place, before: field.id }} wide={wide} shape={wide === columns ? 'above' : 'beside'} />;
        })}
      </div>
      <div className={`sec-end${card.fields.length ? '' : ' empty'}`}>
        <Slot place={place} words={words} shape="end" />
        {!card.fields.length && <p><b>{t('empty_card')}</b><span>{t('empty_card_how')}</span></p>}
      </div>
    </section>
  );
}, sameCard);
