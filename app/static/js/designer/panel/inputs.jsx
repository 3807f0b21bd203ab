// Small inputs that the panel, the rules and the dialogs share. Each takes {id, value, onChange}; what is unset is
// undefined, and what cannot be read yet (half a number) stays in the input without reaching the form.
import { createContext, useContext, useEffect, useId, useRef, useState } from 'react';
import { Icon } from '../icons.jsx';
import { relativeAmount, withAmount } from '../model/relative.js';
import { useEditor, useView } from '../use.js';
import { localesOf, withWords, wordsIn } from '../view/LineWords.jsx';

const NUMBER = /^-?\d+(\.\d+)?$/;
const WHOLE = /^-?\d+$/;
const half = (text) => text.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).replace(/[，,\s]/g, '').replace('．', '.');

/** The id of the hint under an input, for its aria-describedby; none without a hint. */
const Hint = createContext(undefined);
export const useHint = () => useContext(Hint);

export function Row({ label, hint, error, children, inline = false, htmlFor }) {
  const hintId = useId();
  return (
    <div className={`row${inline ? ' inline' : ''}${error ? ' bad' : ''}`}>
      {label && <label htmlFor={htmlFor}>{label}</label>}
      <Hint value={hint ? hintId : undefined}>{children}</Hint>
      {hint && <p className="row-hint" id={hintId}>{hint}</p>}
      {error && <p className="row-error"><Icon name="alert" size={16} />{error}</p>}
    </div>
  );
}

export function TextInput({ id, value, onChange, max = 200, placeholder, label, multiline = false, list }) {
  const Tag = multiline ? 'textarea' : 'input';
  return <Tag id={id} className="in" value={value ?? ''} maxLength={max} placeholder={placeholder} aria-label={label} aria-describedby={useHint()} list={list} onChange={(event) => onChange(event.target.value || undefined)} />;
}

/** A whole number gives a number, a decimal its text. Out of bounds is said and not taken. */
export function NumberInput({ id, value, onChange, whole, min, max, placeholder, label }) {
  const { t } = useEditor();
  const [text, setText] = useState(value ?? '');
  const [error, setError] = useState('');
  const written = useRef(value);
  useEffect(() => {
    if (value !== written.current) {
      written.current = value;
      setText(value ?? '');
      setError('');
    }
  }, [value]);
  const change = (raw) => {
    setText(raw);
    const read = half(raw);
    if (read !== '' && !(whole ? WHOLE : NUMBER).test(read)) return setError(t(whole ? 'not_whole' : 'not_number'));
    if (read !== '' && min !== undefined && Number(read) < min) return setError(t('at_least', { n: min }));
    if (read !== '' && max !== undefined && Number(read) > max) return setError(t('at_most', { n: max }));
    setError('');
    written.current = read === '' ? undefined : whole ? Number(read) : read;
    return onChange(written.current);
  };
  const errorId = useId();
  const hintId = useHint();
  return (
    <>
      <input id={id} className="in num" inputMode="decimal" value={text} placeholder={placeholder} aria-label={label} aria-invalid={Boolean(error)} aria-describedby={error ? errorId : hintId}
        onChange={(event) => change(event.target.value)} />
      {error && <span className="row-error" id={errorId}><Icon name="alert" size={16} />{error}</span>}
    </>
  );
}

/** How many days after or before today; nothing for today itself. */
export function Amount({ value, onChange }) {
  const { t } = useEditor();
  const amount = relativeAmount(value);
  if (!amount) return null;
  return <span className="amount"><NumberInput whole min={1} max={amount.most} label={t(`how_many_${amount.unit}`)} value={amount.n} onChange={(n) => n && onChange(withAmount(value, n))} />{t(amount.unit)}</span>;
}

export function Switch({ id, value, onChange, label }) {
  return (
    <label className="switch" htmlFor={id}>
      <input id={id} type="checkbox" role="switch" aria-describedby={useHint()} checked={Boolean(value)} onChange={(event) => onChange(event.target.checked)} />
      <i aria-hidden="true" /><span>{label}</span>
    </label>
  );
}

/** `options`: [[value, label]…]; "" stands for nothing chosen. */
export function Select({ id, value, onChange, options, empty, label, className = '' }) {
  const known = options.some(([key]) => key === value);
  const hintId = useHint();
  return (
    <span className={`pick ${className}`}>
      <select id={id} className="in" value={value ?? ''} aria-label={label} aria-describedby={hintId} onChange={(event) => onChange(event.target.value || undefined)}>
        {(empty !== undefined || !known) && <option value="">{empty ?? ''}</option>}
        {value && !known && <option value={value}>{value}</option>}
        {options.map(([key, words]) => <option key={key} value={key}>{words}</option>)}
      </select>
      <Icon name="down" size={16} />
    </span>
  );
}

/** Several of a few, as ticks. */
export function Ticks({ value, onChange, options, label }) {
  const chosen = value || [];
  const toggle = (key) => {
    const next = chosen.includes(key) ? chosen.filter((one) => one !== key) : options.map(([one]) => one).filter((one) => one === key || chosen.includes(one));
    onChange(next.length ? next : undefined);
  };
  return (
    <div className="ticks" role="group" aria-label={label} aria-describedby={useHint()}>
      {options.map(([key, words]) => <label key={key} className="tick"><input type="checkbox" checked={chosen.includes(key)} onChange={() => toggle(key)} /><span>{words}</span></label>)}
    </div>
  );
}

/** Words as chips: Enter or a comma ends one. */
export function Tokens({ id, value, onChange, label, placeholder }) {
  const { t } = useEditor();
  const [text, setText] = useState('');
  const hintId = useHint();
  const chosen = value || [];
  const add = (raw) => {
    const more = raw.split(/[,，、;；\n]/).map((word) => word.trim()).filter((word) => word && !chosen.includes(word));
    setText('');
    if (more.length) onChange([...chosen, ...new Set(more)]);
  };
  const drop = (word) => onChange(chosen.length > 1 ? chosen.filter((one) => one !== word) : undefined);
  return (
    <div className="tokens">
      {chosen.map((word) => <span key={word} className="token">{word}<button type="button" aria-label={t('take_away', { what: word })} onClick={() => drop(word)}><Icon name="close" size={14} /></button></span>)}
      <input id={id} value={text} aria-label={label} aria-describedby={hintId} placeholder={chosen.length ? '' : placeholder ?? t('enter_each')} maxLength={100}
        onChange={(event) => (/[,，、;；]/.test(event.target.value) ? add(event.target.value) : setText(event.target.value))}
        onBlur={() => text && add(text)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
            event.preventDefault();
            add(text);
          }
          if (event.key === 'Backspace' && !text && chosen.length) drop(chosen[chosen.length - 1]);
        }} />
    </div>
  );
}

/** A text in every language of the form: one input each, the main language first. */
export function Words({ id, value, onChange, label, max = 200, multiline = false, placeholder }) {
  const editor = useEditor();
  const locales = useView((state) => localesOf(state.content));
  const Tag = multiline ? 'textarea' : 'input';
  const hintId = useHint();
  return (
    <div className="words">
      {locales.map((locale, at) => (
        <div key={locale} className="words-one">
          {locales.length > 1 && <span className="lang" aria-hidden="true">{editor.t(`short_${locale}`)}</span>}
          <Tag id={at ? undefined : id} className="in" lang={locale} maxLength={max} rows={multiline ? 2 : undefined} placeholder={at ? undefined : placeholder} aria-describedby={hintId}
            aria-label={locales.length > 1 ? `${label} ${editor.t(`locale_${locale}`)}` : label} value={wordsIn(value, locale, locales)}
            onChange={(event) => onChange(withWords(value, locale, event.target.value, locales) || undefined)} />
        </div>
      ))}
    </div>
  );
}
