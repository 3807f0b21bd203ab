// A busy day: what is set on the left, what would come of it on the right.
import { useEffect, useRef } from 'react';
import { Icon } from '../icons.jsx';
import { useEditor } from '../../designer/use.js';
import { Result } from './Result.jsx';
import { Runs, Settings } from './Settings.jsx';
import { useRehearsal, useRehearsed } from './use.js';

export function BusyDay() {
  const editor = useEditor();
  const { t } = editor;
  const rehearsal = useRehearsal();
  const { settings, result, running, error } = useRehearsed();
  const below = useRef(null);
  useEffect(() => {
    // on a narrow screen the result stands below what was set
    if (result && matchMedia('(max-width: 900px)').matches) below.current?.scrollIntoView({ block: 'start' });
  }, [result]);
  if (!settings) return <div className="ld-body one">{!error && <p className="ld-quiet" role="status">{t('ld_reading')}</p>}</div>;
  return (
    <div className="ld-body two">
      <form className="ld-settings" aria-label={t('ld_load')} onSubmit={(event) => { event.preventDefault(); if (!running) rehearsal.run(); }}>
        <div className="ld-set"><Settings settings={settings} /></div>
        <div className="ld-go">{running ? <Running running={running} /> : <><button type="submit" className="btn primary"><Icon name="play" size={16} />{t('ld_start')}</button><Runs /></>}</div>
      </form>
      <div className="ld-result" ref={below} aria-live="polite">
        {running && <p className="ld-quiet">{t('ld_leave')}</p>}
        {!result && !running && <p className="ld-quiet">{t('ld_help')} {t('ld_first')}</p>}
        {result && result.content !== editor.content && <p className="ld-help"><Icon name="alert" size={16} /> {t('ld_old')} <button type="button" className="link" onClick={() => rehearsal.run()}>{t('ld_start')}</button></p>}
        {result && <Result result={result} settings={settings} />}
      </div>
    </div>
  );
}

function Running({ running }) {
  const { t } = useEditor();
  const rehearsal = useRehearsal();
  const words = running.message || (running.state === 'running' ? t('ld_running', { done: Math.min(running.done + 1, running.of), of: running.of }) : running.ahead ? t('ld_ahead', { n: running.ahead }) : t('ld_begins'));
  return (
    <div className={`ld-running${running.message ? ' ld-stands' : ''}`} role="status">
      {running.message ? <Icon name="alert" size={18} /> : <progress max={running.of || 1} value={running.done} aria-label={words} />}<span>{words}</span>
      <button type="button" className="btn small" onClick={() => rehearsal.stop()}>{t('ld_stop')}</button>
    </div>
  );
}
