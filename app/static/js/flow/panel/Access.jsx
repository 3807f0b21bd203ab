// Rights on the form's fields at this step: one line a section and a field. What is not set follows its section, then "the rest".
import { useState } from 'react';
import { cards } from '../../designer/model/content.js';
import { Select } from '../../designer/panel/inputs.jsx';
import { useEditor } from '../../designer/use.js';
import { Icon } from '../icons.jsx';
import { useLens } from '../lens.jsx';

const MANY = 6;

export function Access({ value, onChange, label }) {
  const editor = useEditor();
  const { t, boot } = editor;
  const lens = useLens();
  const rights = value && typeof value === 'object' ? value : {};
  const level = (id) => editor.say(boot.catalog.levels.find((one) => one.id === id)?.label) || id;
  const rest = rights['*'] || 'hidden';
  const put = (key, next) => {
    const { [key]: _, ...others } = rights;
    onChange(next ? { ...others, [key]: next } : others);
  };
  const line = (key, words, follows, className = '') => (
    <li key={key} className={className}>
      <span>{words}</span>
      <Select label={t('right_of', { what: words })} value={rights[key]} empty={key === '*' ? undefined : t('right_follows', { level: level(follows) })} options={boot.catalog.levels.map((one) => [one.id, editor.say(one.label)])} onChange={(next) => put(key, next)} />
    </li>
  );
  const groups = cards(lens.content).filter((card) => card.fields.length);
  const known = new Set(['*', ...groups.flatMap((card) => [card.id, ...card.fields.map((field) => field.id)])]);
  const [whole, setWhole] = useState(false);
  const every = groups.flatMap((card) => card.fields).length;
  const shows = (field) => whole || every <= MANY || field.id in rights;
  const gone = Object.keys(rights).filter((key) => !known.has(key));
  return (
    <>
    <ul className="rights" aria-label={label}>
      <li className="rest"><span>{t('right_rest')}</span><Select label={t('right_of', { what: t('right_rest') })} value={rest} options={boot.catalog.levels.map((one) => [one.id, editor.say(one.label)])} onChange={(next) => next && put('*', next)} /></li>
      {groups.map((card) => [
        card.id && line(card.id, editor.say(card.section.title) || card.id, rest, 'section'),
        ...card.fields.filter((field) => lens.kind(field.type)?.stored !== false && shows(field)).map((field) => line(field.id, lens.label(field.id), rights[card.id] || rest)),
      ])}
      {gone.map((key) => <li key={key} className="gone"><span>{t('right_gone', { key })}</span><button type="button" className="link danger" onClick={() => put(key, undefined)}><Icon name="close" size={16} />{t('take_away', { what: key })}</button></li>)}
    </ul>
    {every > MANY && <button type="button" className="link" aria-expanded={whole} onClick={() => setWhole(!whole)}><Icon name={whole ? 'up' : 'down'} size={16} />{t(whole ? 'rights_less' : 'rights_all')}</button>}
    </>
  );
}
