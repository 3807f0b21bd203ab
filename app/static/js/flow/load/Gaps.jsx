// For whom a step finds nobody, and what to do; each line leads to the step and its setting.
import { Icon } from '../icons.jsx';
import { useEditor } from '../../designer/use.js';
import { useRehearsal, useRehearsed } from './use.js';

const ICONS = { error: 'alert', warning: 'alert', advice: 'check' };

export function Gaps() {
  const { t } = useEditor();
  const rehearsal = useRehearsal();
  const { gaps, error } = useRehearsed();
  return (
    <div className="ld-body one">
      <p className="ld-help">{t('ld_gaps_help')} <button type="button" className="link" onClick={() => rehearsal.fill(true)}>{t('ld_refresh')}</button></p>
      {!gaps && !error && <p className="ld-quiet" role="status">{t('ld_reading')}</p>}
      {gaps && gaps.length === 0 && <p className="ld-good"><Icon name="check" />{t('ld_no_gaps')}</p>}
      {gaps && <ul className="ld-gaps">{gaps.map((gap, at) => <Gap key={at} gap={gap} />)}</ul>}
    </div>
  );
}

function Gap({ gap }) {
  const editor = useEditor();
  const { t } = editor;
  const words = <><span className={`ld-tag ${gap.level}`}><Icon name={ICONS[gap.level]} size={14} />{t(`ld_level_${gap.level}`)}</span><span className="ld-gap-words"><b>{gap.message}</b><span>{gap.todo}</span></span></>;
  return <li>{gap.node ? <button type="button" onClick={() => editor.show(gap.node, { path: gap.field || null })}>{words}</button> : <p>{words}</p>}</li>;
}
