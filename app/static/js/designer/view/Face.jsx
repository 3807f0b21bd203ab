// How a field looks on the canvas: like the control on the page, but nothing in it can be operated. The type's icon
// decides the look; a type that is not listed here looks like a line to write on.
import { memo } from 'react';
import { optionsOf } from '../model/content.js';
import { Icon } from '../icons.jsx';
import { useEditor, useView } from '../use.js';

const MOST = 6;
const shown = (options) => options.filter((option) => !option.archived);

function Choices({ options, mark, say, t }) {
  const live = shown(options);
  if (!live.length) return <p className="face-none">{t('no_options')}</p>;
  return (
    <ul className={`face-opts ${mark}`}>
      {live.slice(0, MOST).map((option) => <li key={option.id}><i />{say(option.label)}</li>)}
      {live.length > MOST && <li className="face-more">{t('n_more', { n: live.length - MOST })}</li>}
    </ul>
  );
}

const Line = ({ children, icon, unit }) => (
  <div className="face-line">{unit && <span className="face-unit">{unit}</span>}<span className="face-text">{children}</span>{icon && <Icon name={icon} size={18} />}</div>
);
const drop = (icon) => ({ field, t, kind, say }) => <div className="face-drop"><Icon name={icon} />{say(kind.label)}{field.max_files > 1 ? ` ${t('up_to', { n: field.max_files })}` : ''}</div>;
const withIcon = (icon) => ({ field, say }) => <Line icon={icon}>{say(field.placeholder)}</Line>;
const choices = (mark) => ({ options, say, t }) => <Choices options={options || []} mark={mark} say={say} t={t} />;

const FACES = {
  textarea: ({ field, say }) => <div className="face-area">{say(field.placeholder)}</div>,
  radio: choices('round'),
  checkbox: choices('square'),
  select: ({ options, t }) => <Line icon="down">{options?.length ? t('please_choose') : t('no_options')}</Line>,
  multiselect: ({ options, t }) => <Line icon="down">{options?.length ? t('please_choose') : t('no_options')}</Line>,
  switch: () => <div className="face-switch"><i /></div>,
  rating: ({ field, setting }) => <div className="face-stars">{Array.from({ length: field.max || setting('max') || 5 }, (_, at) => <Icon key={at} name="rating" size={24} />)}</div>,
  scale: ({ field, setting }) => {
    const low = field.min ?? setting('min') ?? 0;
    return <div className="face-scale">{Array.from({ length: Math.min((field.max ?? setting('max') ?? 10) - low + 1, 11) }, (_, at) => <i key={at}>{low + at}</i>)}</div>;
  },
  money: () => <Line unit="¥" />,
  number: ({ field, say }) => <Line><span className="face-end">{say(field.unit)}</span></Line>,
  date: withIcon('date'), time: withIcon('time'), datetime: withIcon('datetime'), daterange: () => <div className="face-pair"><Line icon="date" /><Line icon="date" /></div>,
  region: () => <div className="face-pair"><Line icon="down" /><Line icon="down" /><Line icon="down" /></div>,
  address: ({ field, say }) => <><div className="face-pair"><Line icon="down" /><Line icon="down" /><Line icon="down" /></div><Line>{say(field.placeholder)}</Line></>,
  location: withIcon('location'), scan: withIcon('scan'), reference: withIcon('search'), customer: withIcon('search'), person: withIcon('search'),
  image: drop('image'), media: drop('media'), file: drop('file'), signature: drop('signature'),
  consent: ({ field, say }) => <div className="face-tick"><i />{say(field.label)}</div>,
  computed: ({ t }) => <div className="face-sum"><Icon name="computed" size={18} />{t('is_computed')}</div>,
  notice: ({ field, say }) => <div className="face-notice"><Icon name="info" size={18} />{say(field.text ?? field.content ?? field.label)}</div>,
  divider: () => <hr className="face-rule" />,
  hidden: ({ t }) => <div className="face-sum"><Icon name="hidden" size={18} />{t('is_hidden')}</div>,
};

/** The control of a field; sub-tables draw their columns themselves. */
export const Face = memo(function Face({ field }) {
  const editor = useEditor();
  const kind = editor.kind(field.type);
  // Dependent options live elsewhere in the form: look again when their labels change.
  const options = useView((state) => optionsOf(state.content, field) || []);
  if (!kind) return <div className="face-notice bad"><Icon name="alert" size={18} />{editor.t('type_missing', { type: field.type })}</div>;
  const Draw = FACES[kind.icon] || FACES[field.type] || withIcon(null);
  const setting = (key) => kind.settings.find((one) => one.key === key)?.default;
  return <div className="face" aria-hidden="true"><Draw field={field} kind={kind} options={options} say={(text) => editor.say(text)} t={editor.t} setting={setting} /></div>;
});
