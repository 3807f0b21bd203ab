// Texts of a form that miss one of its languages.
import { everyField } from './content.js';

const SAYS = /[^\W\d_]{2}|[\u3400-\u9fff]/; // numbers and signs are in every language

const missing = (text, locale, main) => (text && typeof text === 'object' ? !text[locale]?.trim() && Object.values(text).some(Boolean) : locale !== main && SAYS.test(text || ''));

/** [{path, locale}…] in reading order; `path` is a JSON pointer, `kinds` says which settings of a type are texts. */
export function untranslated(content, kinds) {
  const locales = content.locales || [];
  const texts = [['/title', content.title], ['/settings/submit', content.settings?.submit]];
  (content.sections || []).forEach((section, at) => texts.push([`/sections/${at}/title`, section.title]));
  const options = (list, path) => (list || []).forEach((option, at) => !option.archived && texts.push([`${path}/${at}/label`, option.label]));
  for (const { field, path } of everyField(content)) {
    texts.push([`${path}/label`, field.label], [`${path}/hint`, field.hint]);
    for (const setting of kinds.get(field.type)?.settings || []) if (setting.kind === 'words') texts.push([`${path}/${setting.key}`, field[setting.key]]);
    options(field.options, `${path}/options`);
  }
  for (const [name, list] of Object.entries(content.option_sets || {})) options(list, `/option_sets/${name}`);
  (content.rules || []).forEach((rule, at) => rule.then.forEach((action, index) => texts.push([`/rules/${at}/then/${index}/message`, action.message])));
  return locales.length < 2 ? [] : locales.flatMap((locale) => texts.filter(([, text]) => text && missing(text, locale, locales[0])).map(([path]) => ({ path, locale })));
}
