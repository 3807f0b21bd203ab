// Small inputs of the flow's panel, besides those of the form designer's. Each takes {id, value, onChange, label}.
import { useEffect, useRef, useState } from 'react';
import { FormulaInput } from '../../designer/formula/FormulaInput.jsx';
import { offered } from '../../designer/formula/pieces.js';
import { NumberInput, Select } from '../../designer/panel/inputs.jsx';
import { useEditor } from '../../designer/use.js';
import { Icon } from '../icons.jsx';
import { Through, useLens } from '../lens.jsx';
import { UNITS, lengthMs, readLength, writeLength } from '../model/lengths.js';

/** A number and its unit. `setting`: min and max in ms. */
export function Length({ id, value, onChange, label, setting }) {
  const { t } = useEditor();
  const read = readLength(value);
  const usual = readLength(setting.default);
  const [unit, setUnit] = useState(read?.unit || usual?.unit || 'minutes');
  useEffect(() => {
    if (read) setUnit(read.unit);
  }, [value]);
  const most = setting.max ? Math.floor(setting.max / UNITS[unit][2]) : Math.floor(3660 * 86_400_000 / UNITS[unit][2]);
  const least = Math.ceil((setting.min || 0) / UNITS[unit][2]);
  const units = Object.keys(UNITS).filter((one) => one !== 'seconds' || unit === 'seconds' || (setting.max && setting.max < 3_600_000));
  const change = (next) => {
    setUnit(next);
    if (read) onChange(writeLength(Math.max(read.n, 1), next));
  };
  return (
    <div className="length">
      <NumberInput id={id} label={label} whole min={least} max={most} value={read?.n} placeholder={usual ? (usual.unit === unit ? String(usual.n) : '') : setting.required ? '' : t('no_limit')} onChange={(n) => onChange(n === undefined ? undefined : writeLength(n, unit))} />
      <Select label={t('unit_of', { what: label })} value={unit} options={units.map((one) => [one, t(`unit_${one}`)])} onChange={(next) => next && change(next)} />
      {value !== undefined && value !== null && lengthMs(value) === null && <span className="row-error"><Icon name="alert" size={16} />{String(value)}</span>}
    </div>
  );
}

/** "50%". */
export function Percent({ id, value, onChange, label, setting }) {
  const n = /^(\d+)%$/.exec(value || '')?.[1];
  return <div className="length"><NumberInput id={id} label={label} whole min={1} max={1000} value={n === undefined ? undefined : Number(n)} placeholder={(setting.default || '').replace('%', '')} onChange={(next) => onChange(next === undefined ? undefined : `${next}%`)} /><span>%</span></div>;
}

/** A part of another length, or a length of its own. */
export function Share(props) {
  const { t } = useEditor();
  const { value, onChange, label } = props;
  const part = !value || String(value).endsWith('%');
  return (
    <div className="share">
      <Select label={t('share_of', { what: label })} value={part ? 'part' : 'own'} options={[['part', t('share_part')], ['own', t('share_own')]]} onChange={(next) => onChange(next === 'own' ? 'PT1H' : '50%')} />
      {part ? <Percent {...props} /> : <Length {...props} />}
    </div>
  );
}

/** A line with chips; typing a field's name offers it. */
export function Chips({ id, value, onChange, label }) {
  const lens = useLens();
  return <Through lens={lens}><Line key={lens.content.key} id={id} value={value ?? ''} onChange={onChange} label={label} /></Through>;
}

function Line({ id, value, onChange, label }) {
  const lens = useEditor();
  const { t } = lens;
  const line = useRef(null);
  const written = useRef(value);
  const [fresh, setFresh] = useState(0);
  useEffect(() => {
    if (value === written.current) return;
    written.current = value;
    setFresh((n) => n + 1); // undone, repaired: the line is drawn anew
  }, [value]);
  const offers = offered(lens, lens.content, null, null);
  const change = (next) => {
    written.current = next;
    onChange(next || undefined);
  };
  return (
    <div className="chips" role="group" aria-label={label}>
      <span id={`${id}-label`} className="vh">{label}</span>
      <FormulaInput key={fresh} ref={line} quiet id={id} src={value} onChange={change} onDone={() => {}} offers={offers} labelledBy={`${id}-label`} />
      <span className="pick insert"><select className="in" aria-label={t('insert_into', { what: label })} value="" onChange={(event) => line.current.insert(offers.find((offer) => offer.path === event.target.value))}><option value="">{t('insert_ref')}</option>{offers.map((offer) => <option key={offer.path} value={offer.path}>{offer.label}</option>)}</select><Icon name="plus" size={16} /></span>
    </div>
  );
}

const flat = (value) => value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value) && Object.values(value).every((one) => one === null || typeof one !== 'object'));

/** What is sent along: names with values, which may hold chips; anything deeper is written as JSON. */
export function Json(props) {
  const { t } = useEditor();
  const [raw, setRaw] = useState(!flat(props.value));
  const simple = flat(props.value);
  return (
    <div className="sent">
      {raw || !simple ? <Raw {...props} /> : <Pairs {...props} />}
      {simple && <button type="button" className="link" onClick={() => setRaw(!raw)}>{t(raw ? 'json_pairs' : 'json_raw')}</button>}
    </div>
  );
}

function Pairs({ id, value, onChange, label }) {
  const { t } = useEditor();
  const entries = Object.entries(value || {});
  const put = (at, entry) => {
    const next = entries.map((one, i) => (i === at ? entry : one)).filter(Boolean);
    onChange(next.length ? Object.fromEntries(next) : undefined);
  };
  const fresh = () => {
    for (let n = entries.length + 1; ; n += 1) if (!entries.some(([key]) => key === `name${n}`)) return `name${n}`;
  };
  return (
    <div className="pairs" role="group" aria-label={label}>
      {entries.map(([key, text], at) => (
        <div key={at} className="pair-line">
          <Name value={key} label={t('json_name', { n: at + 1 })} taken={entries.map(([one]) => one)} onChange={(next) => put(at, [next, text])} />
          <button type="button" className="tool" aria-label={t('take_away', { what: key })} onClick={() => put(at, null)}><Icon name="close" size={16} /></button>
          <Chips id={`${id}-${at}`} label={t('value_of', { what: key })} value={text === null ? '' : String(text)} onChange={(next) => put(at, [key, next ?? ''])} />
        </div>
      ))}
      <button type="button" className="link" onClick={() => onChange({ ...value, [fresh()]: '' })}><Icon name="plus" size={16} />{t('row_add')}</button>
    </div>
  );
}

/** A name that no other entry has; one that is taken stays here until it is another. */
function Name({ value, onChange, label, taken }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const change = (next) => {
    setText(next);
    if (next && (next === value || !taken.includes(next))) onChange(next);
  };
  return <input className="in" aria-label={label} value={text} maxLength={80} aria-invalid={text !== value} onChange={(event) => change(event.target.value)} />;
}

/** JSON as it is; what cannot be read yet stays in the box. */
function Raw({ id, value, onChange, label }) {
  const { t } = useEditor();
  const show = (data) => (data === undefined || data === null ? '' : JSON.stringify(data, null, 2));
  const [text, setText] = useState(show(value));
  const [bad, setBad] = useState(false);
  const written = useRef(value);
  useEffect(() => {
    if (value === written.current) return;
    written.current = value;
    setText(show(value));
    setBad(false);
  }, [value]);
  const change = (next) => {
    setText(next);
    try {
      written.current = next.trim() ? JSON.parse(next) : undefined;
      setBad(false);
      onChange(written.current);
    } catch {
      setBad(true);
    }
  };
  return (
    <>
      <textarea id={id} className={`in code${bad ? ' bad' : ''}`} rows={6} spellCheck={false} aria-label={label} aria-invalid={bad} value={text} onChange={(event) => change(event.target.value)} />
      {bad && <p className="row-error"><Icon name="alert" size={16} />{t('json_bad')}</p>}
    </>
  );
}

/** A text, or one for each language it has. */
export function Texts({ id, value, onChange, label, max = 200, placeholder }) {
  const { t } = useEditor();
  const by = value && typeof value === 'object' ? value : null;
  if (!by) return <input id={id} className="in" aria-label={label} value={value ?? ''} maxLength={max} placeholder={placeholder} onChange={(event) => onChange(event.target.value || undefined)} />;
  return (
    <div className="words">
      {Object.entries(by).map(([locale, words], at) => (
        <div key={locale} className="words-one">
          <span className="lang" aria-hidden="true">{locale.startsWith('zh') ? t('short_zh-CN') : locale.startsWith('en') ? t('short_en') : locale}</span>
          <input id={at ? undefined : id} className="in" lang={locale} aria-label={`${label} ${locale.startsWith('zh') ? t('locale_zh-CN') : locale.startsWith('en') ? t('locale_en') : locale}`} maxLength={max} value={words ?? ''} onChange={(event) => onChange({ ...by, [locale]: event.target.value })} />
        </div>
      ))}
    </div>
  );
}

/** A few choices beside each other. */
export function Radios({ value, onChange, options, label, id }) {
  return (
    <div className="radios" role="radiogroup" aria-label={label}>
      {options.map(([key, words]) => <label key={key} className="tick"><input type="radio" name={id} checked={value === key} onChange={() => onChange(key)} /><span>{words}</span></label>)}
    </div>
  );
}
