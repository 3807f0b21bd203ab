// Properties and rules of one field; every input comes from the catalogue's settings.
import { useId } from 'react';
import { Icon } from '../icons.jsx';
import { applies, find, following, optionsOf } from '../model/content.js';
import { retype, setField, setSpan } from '../model/edits.js';
import { FieldRules } from '../rules/FieldRules.jsx';
import { useEditor, useView } from '../use.js';
import { Row, Select } from './inputs.jsx';
import { Setting, commonFor } from './widgets.jsx';

const FIRST = ['label', 'hint', 'required'];

export function FieldPanel({ field }) {
  const editor = useEditor();
  const { t } = editor;
  const kind = editor.kind(field.type);
  const tab = useView((state) => state.tab);
  const rules = useView((state) => (state.content.rules || []).filter((rule) => JSON.stringify(rule).includes(`${field.id}"`) || JSON.stringify(rule).includes(`${field.id}.`)).length);
  const base = useId();
  const tabs = [['field', t('properties')], ['rules', t('rules_n', { n: rules })]];
  const keys = (event) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.stopPropagation();
    const next = tab === 'field' ? 'rules' : 'field';
    editor.set({ tab: next });
    document.getElementById(`${base}-${next}`)?.focus();
  };
  return (
    <>
      <header className="panel-head">
        <Icon name={kind ? kind.icon : 'alert'} />
        <h2>{kind ? editor.say(kind.label) : t('type_missing_name')}</h2>
      </header>
      <div className="panel-tabs" role="tablist" aria-label={editor.say(field.label)} onKeyDown={keys}>
        {tabs.map(([id, words]) => (
          <button key={id} id={`${base}-${id}`} type="button" role="tab" aria-selected={tab === id} aria-controls={`${base}-panel`} tabIndex={tab === id ? 0 : -1} onClick={() => editor.set({ tab: id })}>{words}</button>
        ))}
      </div>
      <div className="panel-body" role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${tab}`}>
        {tab === 'rules' ? <FieldRules field={field} /> : kind ? <Properties field={field} kind={kind} /> : <Missing type={field.type} />}
      </div>
    </>
  );
}

/** Of a type that is not installed nobody here knows the settings: nothing is changed. */
function Missing({ type }) {
  const { t } = useEditor();
  return (
    <>
      <p className="face-notice bad"><Icon name="alert" size={18} />{t('type_missing', { type })}</p>
      <p className="row-hint">{t('type_missing_help')}</p>
    </>
  );
}

function Properties({ field, kind }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const common = commonFor(editor, content, field);
  const put = (setting) => (value, yields) => editor.edit(t('did_change', { what: editor.say(setting.label) }), (before) => setField(before, field.id, { [setting.key]: value, ...following(before, editor.kinds, field, yields) }), { key: `${field.id}.${setting.key}` });
  const draw = (setting) => <Setting key={setting.key} setting={setting} value={field[setting.key]} onChange={put(setting)} field={field} />;
  const rest = common.filter((setting) => !FIRST.includes(setting.key));
  return (
    <>
      <div className="props first">{common.filter((setting) => FIRST.includes(setting.key)).map(draw)}</div>
      {kind?.settings.length > 0 && <div className="props">{kind.settings.filter((setting) => applies(setting, field, kind)).map(draw)}</div>}
      <details className="props more" open={rest.some((setting) => field[setting.key] !== undefined)}>
        <summary>{t('more_settings')}<Icon name="down" size={16} /></summary>
        {rest.map(draw)}
        <Width field={field} content={content} />
        <Retype field={field} kind={kind} />
      </details>
    </>
  );
}

function Width({ field, content }) {
  const editor = useEditor();
  const { t } = editor;
  const id = useId();
  const columns = content.layout?.desktop?.columns || 1;
  if (columns === 1 || find(content, field.id)?.parent) return null;
  const widths = Array.from({ length: columns }, (_, at) => [String(at + 1), at + 1 === columns ? t('full_width') : t('n_of_columns', { n: at + 1, all: columns })]);
  const value = String(Math.min(content.layout?.desktop?.span?.[field.id] || 1, columns));
  return <Row label={t('width')} htmlFor={id}><Select id={id} value={value} options={widths} onChange={(next) => next && editor.edit(t('did_change', { what: t('width') }), (before) => setSpan(before, field.id, Number(next)))} /></Row>;
}

/** A field that was never published may become any type; a published one only those that take its answers over. */
function Retype({ field, kind }) {
  const editor = useEditor();
  const { t } = editor;
  const id = useId();
  const locked = useView((state) => state.publishedIds?.has(field.id) ?? true);
  const column = Boolean(find(editor.content, field.id)?.parent);
  const was = useView((state) => state.publishedTypes.get(field.id));
  const { catalog } = editor.boot;
  const fits = (one) => !locked || one.type === was || one.accepts.includes(was);
  const kinds = catalog.types.filter((one) => (!column || one.in_rows) && fits(one)).map((one) => [one.type, editor.say(one.label)]);
  if (locked && kinds.length < 2) return <p className="row-hint">{t('type_locked')}</p>;
  const change = (type) => {
    if (!type || type === field.type) return;
    const next = retype(editor.content, field.id, editor.kind(type), catalog.common.map((setting) => setting.key));
    const had = optionsOf(editor.content, field)?.length;
    editor.edit(t('did_retype', { what: editor.label(field.id) }), next);
    if (had && !optionsOf(next, find(next, field.id).field)) editor.toast(t('options_dropped', { type: editor.say(editor.kind(type).label), n: had }));
  };
  return <><Row label={t('type')} htmlFor={id}><Select id={id} value={field.type} options={kinds} onChange={change} /></Row>{locked && <p className="row-hint">{t('type_takes_over')}</p>}</>;
}
