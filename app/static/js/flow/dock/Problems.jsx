// What the checks found; each leads to its step.
import { goTo } from '../actions.js';
import { Icon } from '../icons.jsx';
import { useEditor, useView } from '../../designer/use.js';

export function Problems() {
  const editor = useEditor();
  const { t } = editor;
  const findings = useView((state) => state.findings);
  return (
    <>
      <header><h2>{t('problems')}</h2><button type="button" className="tool" aria-label={t('close')} onClick={() => editor.set({ dock: null })}><Icon name="close" /></button></header>
      {findings.length === 0 && <p className="none"><Icon name="check" />{t('no_problems')}</p>}
      <ul className="findings">{findings.map((finding, at) => <li key={at} className={`finding ${finding.level}`}><button type="button" className="finding-words" onClick={() => goTo(editor, finding)}><Icon name="alert" size={18} /><span>{finding.node && <b>{editor.label(finding.node)}</b>}{finding.message}</span></button></li>)}</ul>
    </>
  );
}
