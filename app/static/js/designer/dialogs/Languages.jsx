// 补英文: every text that misses a language beside the words it has, to be filled in one after the other.
import { useState } from 'react';
import { TextInput } from '../panel/inputs.jsx';
import { untranslated } from '../model/languages.js';
import { applyPatch, at } from '../model/patch.js';
import { useEditor, useView } from '../use.js';
import { localesOf, withWords, wordsIn } from '../view/LineWords.jsx';
import { Dialog } from './Dialog.jsx';

export function LanguagesDialog() {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const [rows] = useState(() => untranslated(content, editor.kinds)); // they stay while they are filled in
  const locales = localesOf(content);
  const put = ({ path, locale }) => (words) => editor.edit(t('did_change', { what: t('languages') }), (before) => applyPatch(before, [{ op: 'replace', path, value: withWords(at(before, path), locale, words ?? '', locales) }]), { key: `${path}.${locale}` });
  return (
    <Dialog title={t('fill_language', { language: locales.slice(1).map((locale) => t(`locale_${locale}`)).join(t('comma')) })} wide actions={<button type="button" className="btn primary" onClick={editor.close}>{t('close')}</button>}>
      {rows.length === 0 ? <p className="none">{t('nothing_missing')}</p> : <p className="row-hint">{t('fill_language_how')}</p>}
      <ul className="missing">
        {rows.map((row, index) => {
          const text = at(content, row.path);
          const said = wordsIn(text, locales.find((locale) => locale !== row.locale && wordsIn(text, locale, locales)) || locales[0], locales);
          return (
            <li key={row.path + row.locale}>
              <span>{said}</span>
              <span data-lang={row.locale}><TextInput id={`missing-${index}`} label={t('text_in', { text: said, language: t(`locale_${row.locale}`) })} value={wordsIn(text, row.locale, locales)} max={2000} onChange={put(row)} /></span>
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}
