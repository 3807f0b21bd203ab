// Above the canvas while two versions are compared: with which, how much differs, and the way out.
import { Icon } from '../icons.jsx';
import { useEditor, useView } from '../../designer/use.js';

export function Compared() {
  const editor = useEditor();
  const { t } = editor;
  const compare = useView((state) => state.compare);
  if (!compare) return null;
  const { counts } = compare;
  const differs = counts.added + counts.removed + counts.changed + counts.lines > 0;
  return (
    <div className="compared" role="status">
      <b>{t('cmp_title', { what: compare.title })}</b>
      {differs ? <span>{t('cmp_counts', counts)}</span> : <span>{t('cmp_same')}</span>}
      <span className="cmp-key"><i className="added" />{t('cmp_added')}</span><span className="cmp-key"><i className="removed" />{t('cmp_removed')}</span><span className="cmp-key"><i className="changed" />{t('cmp_changed')}</span>
      <button type="button" className="btn small" onClick={() => editor.compareWith(null)}><Icon name="close" size={16} />{t('cmp_close')}</button>
    </div>
  );
}
