// Writing a formula: the line with chips, what may be put into it, what is wrong with it, and a trial with values.
import { useEffect, useMemo, useRef, useState } from 'react';
import { Dialog } from '../dialogs/Dialog.jsx';
import { arrows } from '../focus.js';
import { Icon } from '../icons.jsx';
import { useEditor, useView } from '../use.js';
import { FormulaInput } from './FormulaInput.jsx';
import { Trial, asAnswers } from './Trial.jsx';
import { offered } from './pieces.js';

const REST_MS = 300;
const SIGNS = ['+', '-', '×', '÷', '(', ')'];

export function FormulaDialog({ dialog, call }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const [src, setSrc] = useState(dialog.src);
  const [verdict, setVerdict] = useState(null); // what the server says of `src`
  const [values, setValues] = useState({});
  const input = useRef(null);
  const offers = useMemo(() => [...offered(editor, content, dialog.table, dialog.except), ...editor.boot.catalog.functions], [editor, content, dialog]);
  useEffect(() => {
    if (!src.trim()) {
      setVerdict(null);
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setVerdict({ ...(await call('POST', editor.boot.urls.formula, { content, src, scope: dialog.table || 'form', nulls_as_zero: Boolean(dialog.zero), ...asAnswers(values) }, { signal: stop.signal })), src });
      } catch (error) {
        if (!stop.signal.aborted) setVerdict({ ok: false, error: { message: error.answer?.message || t('not_reached') } });
      }
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [src, values]);
  const finish = () => {
    dialog.done(src.trim() || undefined, verdict?.ok && verdict.src === src ? verdict : undefined);
    editor.close();
  };
  return (
    <Dialog title={t('formula_of', { what: dialog.label })} wide actions={<><button type="button" className="btn" onClick={editor.close}>{t('cancel')}</button><button type="button" className="btn primary" onClick={finish}>{t('use_formula')}</button></>}>
      <div className="formula">
        <div className="formula-main">
          <p className="group-name" id="formula-name">{t('formula')}</p>
          <FormulaInput ref={input} id="formula-input" src={dialog.src} onChange={setSrc} onDone={finish} offers={offers} labelledBy="formula-name" error={verdict && !verdict.ok} />
          <div className="signs" role="group" aria-label={t('signs')}>{SIGNS.map((sign) => <button key={sign} type="button" className="btn" onClick={() => input.current.insert({ sign })}>{sign}</button>)}</div>
          <div aria-live="polite" className="verdict">
            {verdict?.ok && <p className="good"><Icon name="check" size={16} />{t('formula_ok', { type: t(`type_${verdict.type.split(':')[0]}`) })}</p>}
            {verdict && !verdict.ok && <Fault src={src} error={verdict.error} />}
            {!verdict && <p className="row-hint">{t('formula_how')}</p>}
          </div>
          {verdict?.ok && <Trial verdict={verdict} values={values} onChange={setValues} table={dialog.table} />}
        </div>
        <Offers offers={offers} onPick={(offer) => input.current.insert(offer)} />
      </div>
    </Dialog>
  );
}

/** The message, and the place in the formula that it is about. */
function Fault({ src, error }) {
  const { t } = useEditor();
  const at = error.pos;
  const piece = Number.isInteger(at) && error.end > at ? [...src].slice(at, error.end).join('') : '';
  return (
    <div className="fault">
      <p className="row-error"><Icon name="alert" size={16} />{error.message}</p>
      {piece && !piece.includes('{{') && <p className="row-hint">{t('at_place')} <code>{piece}</code></p>}
    </div>
  );
}

function Offers({ offers, onPick }) {
  const editor = useEditor();
  const { t } = editor;
  const [query, setQuery] = useState('');
  const wanted = query.trim().toLowerCase();
  const fields = offers.filter((offer) => offer.path && offer.label.toLowerCase().includes(wanted));
  const functions = offers.filter((offer) => offer.names && (offer.names.some((name) => name.toLowerCase().includes(wanted)) || editor.say(offer.help).toLowerCase().includes(wanted)));
  const first = fields[0] || functions[0]; // the one that Tab comes to
  const groups = [...new Set(fields.map((offer) => offer.group))];
  return (
    <div className="formula-side">
      <div className="find-box"><Icon name="search" size={18} /><input type="search" value={query} aria-label={t('find_offer')} placeholder={t('find_offer')} onChange={(event) => setQuery(event.target.value)} /></div>
      <div className="formula-offers" role="toolbar" aria-orientation="vertical" aria-label={t('offers')} onKeyDown={(event) => arrows(event, 'button')}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <ul>{fields.filter((offer) => offer.group === group).map((offer) => <li key={offer.path}><button type="button" className="ref" tabIndex={offer === first ? 0 : -1} onClick={() => onPick(offer)}>{offer.label}</button></li>)}</ul>
          </section>
        ))}
        {functions.length > 0 && <section>
          <h3>{t('functions')}</h3>
          <ul className="functions">{functions.map((offer) => <li key={offer.name}><button type="button" tabIndex={offer === first ? 0 : -1} onClick={() => onPick(offer)}><b>{offer.name}</b> {offer.zh !== offer.name && <span>{offer.zh}</span>}<small>{editor.say(offer.help)}</small></button></li>)}</ul>
        </section>}
        {!fields.length && !functions.length && <p className="none">{t('nothing_found')}</p>}
      </div>
    </div>
  );
}
