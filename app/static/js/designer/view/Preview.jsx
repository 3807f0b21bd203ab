// The phone's page as the server draws it, in a frame in which nothing runs. Drawn again a moment after an edit; what the
// reader tries out in the frame is sent along, so that rules and sums answer.
import { useEffect, useRef, useState } from 'react';
import { Icon } from '../icons.jsx';
import { unfinished } from '../model/rules.js';
import { useEditor, useView } from '../use.js';
import { localesOf } from './LineWords.jsx';

const REST_MS = 500;
const LOOK_MS = 300;
const WRITTEN = /^(text|tel|email|url|number|search|textarea|date|time)/;

export function Preview({ call }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const locales = useView((state) => localesOf(state.content));
  const [locale, setLocale] = useState(locales.includes(editor.locale) ? editor.locale : locales[0]);
  const [page, setPage] = useState({ html: '', error: '' });
  const latest = useRef({});
  const [tried, setTried] = useState(latest.current);
  const [sent, setSent] = useState(null); // the answers that were sent, for show
  const frame = useRef(null);
  const scroll = useRef(0);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      const drawn = { ...content, rules: (content.rules || []).filter((rule) => !unfinished(rule)) };
      try {
        const html = await call('POST', editor.boot.urls.preview, { content: drawn, locale, values: tried, send: sent === tried }, { text: true, signal: stop.signal });
        scroll.current = sent === tried ? 0 : frame.current?.contentWindow?.scrollY || 0;
        setPage((before) => ({ ...before, html, error: '' }));
      } catch (error) {
        if (stop.signal.aborted) return;
        setPage((before) => ({ ...before, error: content.fields.length ? (error.answer ? t('preview_refused') : t('not_reached')) : t('preview_empty') }));
      }
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [content, locale, tried, sent]);
  const loaded = () => {
    if (frame.current.contentDocument?.URL === 'about:srcdoc') frame.current.contentWindow.scrollTo(0, scroll.current);
    else setPage((before) => ({ ...before, drawn: (before.drawn || 0) + 1 })); // a link was followed: back to the form
  };
  useEffect(() => {
    // No listener of ours is called in a frame without scripts: look at its controls instead.
    const timer = setInterval(() => {
      const inner = frame.current?.contentDocument;
      if (!inner || WRITTEN.test(inner.activeElement?.type || '')) return; // still being written
      const now = answers(inner);
      const button = inner.querySelector('[name=_send]');
      if (JSON.stringify(latest.current) !== JSON.stringify(now)) latest.current = now;
      setTried(latest.current);
      if (button?.checked) setSent(latest.current);
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <section className="preview" aria-label={t('preview')}>
      <header>
        <h2>{t('preview')}</h2>
        {locales.length > 1 && <div className="segments" role="group" aria-label={t('languages')}>{locales.map((one) => <button key={one} type="button" aria-pressed={one === locale} onClick={() => setLocale(one)}>{t(`locale_${one}`)}</button>)}</div>}
        <button type="button" className="tool" aria-label={t('close_preview')} onClick={() => editor.set({ preview: false })}><Icon name="close" /></button>
      </header>
      <div className="phone">
        {page.error && <p className="phone-note"><Icon name="info" size={16} />{page.error}</p>}
        {page.html ? <iframe key={page.drawn} ref={frame} title={t('preview_frame')} sandbox="allow-same-origin" srcDoc={page.html} onLoad={loaded} /> : !page.error && <div className="skeleton" aria-hidden="true"><i /><i /><i /><i /></div>}
      </div>
    </section>
  );
}

/** What stands in the frame's controls, as answers by field; what is in rows or files is not tried out. */
function answers(inner) {
  const out = {};
  for (const control of inner.querySelectorAll('input[name], select[name], textarea[name]')) {
    const { name, type } = control;
    if (!/^f_[a-z0-9_]+$/.test(name) || type === 'file' || type === 'hidden') continue;
    if (type === 'radio') {
      if (control.checked && control.value) out[name] = control.value;
    } else if (type === 'checkbox') {
      if (control.checked) out[name] = inner.querySelectorAll(`input[name="${name}"]`).length > 1 ? [...(out[name] || []), control.value] : [control.value];
    } else if (control.value) out[name] = control.value;
  }
  return out;
}
