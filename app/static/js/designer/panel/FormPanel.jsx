// What concerns the form as a whole: languages, button, columns, shared options; and how to begin.
import { useId } from 'react';
import { Icon } from '../icons.jsx';
import { setDesktop, setForm } from '../model/edits.js';
import { freshId } from '../model/ids.js';
import { addOptions } from '../model/options.js';
import { useEditor, useView } from '../use.js';
import { localesOf } from '../view/LineWords.jsx';
import { NumberInput, Row, Select, Switch, Words } from './inputs.jsx';
import { OptionList, editSet, setWords } from './Options.jsx';

export function FormPanel() {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const base = useId();
  const put = (what, changes, key) => editor.edit(t('did_change', { what }), (before) => setForm(before, changes), { key });
  const settings = content.settings || {};
  const set = (what, changes) => put(what, { settings: { ...settings, ...changes } }, `settings.${Object.keys(changes)[0]}`);
  const locales = localesOf(content);
  const main = locales[0];
  const other = main === 'en' ? 'zh-CN' : 'en';
  return (
    <>
      <header className="panel-head"><Icon name="gear" /><h2>{t('form_settings')}</h2></header>
      <div className="panel-body">
        <div className="props first">
          <Row label={t('form_title')} htmlFor={`${base}t`}><Words id={`${base}t`} label={t('form_title')} value={content.title} onChange={(title) => put(t('form_title'), { title: title ?? '' }, 'title')} /></Row>
          <Row label={t('submit_text')} htmlFor={`${base}s`}><Words id={`${base}s`} label={t('submit_text')} max={40} placeholder={t('submit_default')} value={settings.submit} onChange={(submit) => set(t('submit_text'), { submit: submit ?? '' })} /></Row>
          <Row inline hint={t('languages_help')}><Switch id={`${base}l`} label={t('also_in', { language: t(`locale_${other}`) })} value={locales.includes(other)} onChange={(on) => put(t('languages'), { locales: on ? [...locales, other] : [main] })} />{locales.length > 1 && <button type="button" className="link" onClick={() => editor.open({ name: 'languages' })}><Icon name="pen" size={16} />{t('fill_language', { language: t(`locale_${other}`) })}</button>}</Row>
        </div>
        <div className="props">
          <Row label={t('desktop_columns')} htmlFor={`${base}c`}>
            <Select id={`${base}c`} value={String(content.layout?.desktop?.columns || 1)} options={[1, 2, 3, 4].map((n) => [String(n), t('n_columns', { n })])}
              onChange={(next) => next && editor.edit(t('did_change', { what: t('desktop_columns') }), (before) => setDesktop(before, { columns: Number(next) }))} />
          </Row>
          <Row inline><Switch id={`${base}d`} label={t('keep_draft')} value={settings.draft ?? true} onChange={(draft) => set(t('keep_draft'), { draft })} /></Row>
          <Row label={t('retention')} htmlFor={`${base}r`} hint={t('retention_help')}><NumberInput id={`${base}r`} whole min={1} max={36500} value={settings.retention_days ?? undefined} onChange={(days) => set(t('retention'), { retention_days: days ?? null })} /></Row>
        </div>
        <Sets content={content} />
      </div>
    </>
  );
}

function Sets({ content }) {
  const editor = useEditor();
  const { t } = editor;
  const sets = Object.entries(content.option_sets || {});
  const used = (name) => JSON.stringify(content.fields).includes(`"${name}"`);
  const add = () => editSet(editor, freshId('set_', '', new Set(sets.map(([name]) => name))), addOptions([], [`${t('option')} 1`, `${t('option')} 2`]));
  const drop = (name) => editor.edit(t('did_options'), (before) => {
    const { [name]: _, ...rest } = before.option_sets;
    return setForm(before, { option_sets: rest });
  });
  return (
    <div className="props">
      <p className="group-name">{t('option_sets')}</p>
      <p className="row-hint">{t('option_sets_help')}</p>
      {sets.map(([name, options]) => (
        <details key={name} className="set">
          <summary>{setWords(editor, content, name)}<Icon name="down" size={16} /></summary>
          <OptionList name={setWords(editor, content, name)} options={options} onChange={(next, key) => editSet(editor, name, next, key)} />
          {!used(name) && <button type="button" className="link danger" onClick={() => drop(name)}>{t('delete_set')}</button>}
        </details>
      ))}
      <button type="button" className="link" onClick={add}><Icon name="plus" size={16} />{t('add_set')}</button>
    </div>
  );
}
