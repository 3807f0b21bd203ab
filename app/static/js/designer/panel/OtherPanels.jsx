// The panel for a section, and for several fields at once.
import * as actions from '../actions.js';
import { Icon } from '../icons.jsx';
import { cards, find } from '../model/content.js';
import { moveFields, setField, setSection } from '../model/edits.js';
import { FieldRules } from '../rules/FieldRules.jsx';
import { useEditor, useView } from '../use.js';
import { Row, Select, Switch, Words } from './inputs.jsx';

export function SectionPanel({ section }) {
  const editor = useEditor();
  const { t } = editor;
  const first = useView((state) => cards(state.content)[0].id === section.id);
  return (
    <>
      <header className="panel-head"><Icon name="section" /><h2>{t('section')}</h2></header>
      <div className="panel-body">
        <div className="props first">
          <Row label={t('section_title')} htmlFor="section-title">
            <Words id="section-title" label={t('section_title')} value={section.title} onChange={(title) => editor.edit(t('did_rename'), (before) => setSection(before, section.id, { title: title ?? '' }), { key: `${section.id}.title` })} />
          </Row>
        </div>
        <div className="props">
          <Row inline hint={t(first ? 'new_page_first' : 'new_page_help')}><Switch id="section-page" label={t('new_page')} value={Boolean(section.page)} onChange={(page) => editor.edit(t('did_change', { what: t('new_page') }), (before) => setSection(before, section.id, { page: page || undefined }))} /></Row>
        </div>
        <div className="props"><FieldRules field={section} /></div>
        <div className="props"><button type="button" className="btn danger" onClick={() => actions.remove(editor)}><Icon name="trash" size={16} />{t('delete_section')}</button><p className="row-hint">{t('delete_section_help')}</p></div>
      </div>
    </>
  );
}

export function ManyPanel({ ids }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const fields = ids.map((id) => find(content, id)?.field).filter(Boolean);
  const asked = fields.filter((field) => editor.kind(field.type)?.asked);
  const all = asked.length > 0 && asked.every((field) => field.required);
  const require = (on) => editor.edit(t('did_change', { what: t('required') }), (before) => asked.reduce((next, field) => setField(next, field.id, { required: on || undefined }), before));
  const top = fields.every((field) => !find(content, field.id).parent);
  const into = (card) => card !== undefined && editor.edit(t('did_move', { what: t('n_fields', { n: fields.length }) }), (before) => moveFields(before, ids, { card, table: null, before: null }, () => false));
  return (
    <>
      <header className="panel-head"><Icon name="multiselect" /><h2>{t('n_fields', { n: fields.length })}</h2></header>
      <div className="panel-body">
        <div className="props first">
          {asked.length > 0 && <Row inline><Switch id="many-required" label={t('required')} value={all} onChange={require} /></Row>}
          {top && (content.sections || []).length > 0 && <Row label={t('move_into')} htmlFor="many-section"><Select id="many-section" value={undefined} empty={t('please_choose')} options={content.sections.map((section) => [section.id, editor.say(section.title)])} onChange={into} /></Row>}
        </div>
        <div className="props acts">
          <button type="button" className="btn" onClick={() => actions.duplicate(editor)}><Icon name="copy" size={16} />{t('duplicate')}</button>
          <button type="button" className="btn danger" onClick={() => actions.remove(editor)}><Icon name="trash" size={16} />{t('delete')}</button>
        </div>
        <p className="row-hint">{t('copy_help')}</p>
      </div>
    </>
  );
}
