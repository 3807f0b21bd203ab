// The form as its readers will see it: the title, a card for each section, its fields in the columns of a desktop page.
import { Fragment, memo, useCallback, useMemo } from 'react';
import * as actions from '../actions.js';
import { Slot, useZone } from '../dnd.jsx';
import { Icon } from '../icons.jsx';
import { cards, pageStarts } from '../model/content.js';
import { setForm, setSection } from '../model/edits.js';
import { useEditor, useView } from '../use.js';
import { LineWords } from './LineWords.jsx';
import { FieldCard } from './FieldCard.jsx';

export function Canvas() {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const listed = useMemo(() => cards(content), [content]);
  const starts = pageStarts(listed);
  const desktop = content.layout?.desktop || {};
  return (
    <main className="canvas" onClick={(event) => event.target === event.currentTarget && editor.select(null)}>
      <div className={`paper columns-${desktop.columns || 1}`} onClick={(event) => event.target === event.currentTarget && editor.select(null)}>
        <LineWords className="paper-title" label={t('form_title')} value={content.title} onChange={(title) => editor.edit(t('did_title'), (before) => setForm(before, { title }), { key: 'title' })} />
        {listed.map((card) => (
          <Fragment key={card.id || '_'}>
            {starts.has(card.id) && <p className="page-mark">{t('page_n', { n: starts.get(card.id), total: starts.size })}</p>}
            <Card card={card} columns={desktop.columns || 1} span={desktop.span} />
          </Fragment>
        ))}
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
  return (
    <section ref={zone} className={`sec${selected ? ' selected' : ''}`} aria-label={title || t('no_section')} onClick={() => editor.select(card.id || null)}>
      {card.section && (
        <header className="sec-head">
          <LineWords className="sec-title" label={t('section_title')} value={card.section.title} onFocus={() => editor.select(card.id)}
            onChange={(next) => editor.edit(t('did_rename'), (before) => setSection(before, card.id, { title: next }), { key: `${card.id}.title` })} />
          {selected && (
            <div className="sec-tools">
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
