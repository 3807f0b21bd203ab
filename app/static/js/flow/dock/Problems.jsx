// What the checks found, errors first; each leads to its step and setting, and may bring its repair.
import { useState } from 'react';
import { goTo } from '../actions.js';
import { Icon } from '../icons.jsx';
import { repair } from '../repair.js';
import { useEditor, useView } from '../../designer/use.js';

export function Finding({ finding, call, ticked, onTick }) {
  const editor = useEditor();
  const { t } = editor;
  const [busy, setBusy] = useState(false);
  const go = () => {
    editor.close();
    goTo(editor, finding);
  };
  const mend = async () => {
    setBusy(true);
    await repair(editor, call, finding);
    setBusy(false);
  };
  const name = finding.node ? editor.label(finding.node) : t('problem_flow');
  return (
    <li className={`finding ${finding.level}`}>
      {onTick && <label className="tick"><input type="checkbox" checked={ticked} onChange={onTick} aria-label={finding.message} /></label>}
      <button type="button" className="finding-words" onClick={go}><Icon name="alert" size={18} /><span>{!finding.message.includes(name) && <b>{name}</b>}{finding.message}</span></button>
      {finding.repair && <button type="button" className="btn small" disabled={busy} onClick={mend}><Icon name="wand" size={16} />{finding.repair}</button>}
    </li>
  );
}

export function Problems({ call }) {
  const editor = useEditor();
  const { t } = editor;
  const findings = useView((state) => state.findings);
  return (
    <>
      <header><h2>{findings.length ? t('problems_n', { n: findings.length }) : t('problems')}</h2><button type="button" className="tool" aria-label={t('close')} onClick={() => editor.set({ dock: null })}><Icon name="close" /></button></header>
      {findings.length === 0 && <p className="none"><Icon name="check" />{t('no_problems')}</p>}
      {['error', 'warning'].map((level) => {
        const some = findings.filter((one) => one.level === level);
        return some.length > 0 && <section key={level}><h3>{t(`level_${level}`)} {some.length}</h3><ul className="findings">{some.map((finding) => <Finding key={`${finding.mark}${finding.message}`} finding={finding} call={call} />)}</ul></section>;
      })}
    </>
  );
}
