// A title that is edited where it stands, in the form's main language.
import { useEditor } from '../use.js';

/** The text with the words of one language replaced; a text of one language stays a plain one. */
export function withWords(text, locale, words, locales) {
  if (locales.length <= 1 && (text === undefined || text === null || typeof text !== 'object')) return words;
  const main = locales[0];
  const next = { ...(text && typeof text === 'object' ? text : text ? { [main]: text } : {}), [locale]: words };
  if (!words && locale !== main) delete next[locale];
  return Object.keys(next).length === 1 && main in next ? next[main] : next;
}

/** The words of a text in one language only; a plain text is the main language's. */
export const wordsIn = (text, locale, locales) => (text && typeof text === 'object' ? text[locale] || '' : locale === locales[0] ? text || '' : '');

export const localesOf = (content) => (content.locales?.length ? content.locales : [content.locale || 'zh-CN']);

export function LineWords({ className, label, value, onChange, ...more }) {
  const editor = useEditor();
  const locales = localesOf(editor.content);
  const locale = locales.includes(editor.locale) ? editor.locale : locales[0];
  return (
    <input
      className={className} aria-label={label} value={wordsIn(value, locale, locales)} placeholder={editor.say(value) || label} maxLength={200}
      {...more} onClick={(event) => event.stopPropagation()} onChange={(event) => onChange(withWords(value, locale, event.target.value, locales))}
    />
  );
}
