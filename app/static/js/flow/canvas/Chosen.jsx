// What can be done with the steps that are chosen, for those who do not use keys.
import * as actions from '../actions.js';
import { Icon } from '../icons.jsx';
import { isTrigger } from '../model/content.js';
import { useEditor, useView } from '../../designer/use.js';

export function Chosen() {
  const editor = useEditor();
  const { t } = editor;
  const ids = useView((state) => (state.compare || state.lit || state.panel ? [] : state.selection.filter((id) => editor.exists(id))));
  const pinned = useView((state) => (state.view === 'free' ? ids.filter((id) => state.content.layout?.pinned?.includes(id)) : []));
  if (!ids.length) return null;
  const copy = () => navigator.clipboard.writeText(actions.copy(editor)).catch(() => editor.toast(t('copy_refused'), false));
  return (
    <div className="chosen" role="toolbar" aria-label={t('chosen_n', { n: ids.length })}>
      <b>{ids.length > 1 ? t('chosen_n', { n: ids.length }) : editor.label(ids[0])}</b>
      {ids.length === 1 && <button type="button" className="btn quiet small" onClick={() => editor.show(ids[0])}><Icon name="gear" size={16} />{t('panel')}</button>}
      {ids.some((id) => !isTrigger(editor.kindOf(id))) && <button type="button" className="btn quiet small" onClick={() => actions.duplicate(editor)}><Icon name="plus" size={16} />{t('duplicate')}</button>}
      <button type="button" className="btn quiet small" title={t('copy_help')} onClick={copy}><Icon name="copy" size={16} />{t('copy')}</button>
      {pinned.length > 0 && <button type="button" className="btn quiet small" onClick={() => actions.unpin(editor, pinned)}><Icon name="pin" size={16} />{t('unpin')}</button>}
      <button type="button" className="btn quiet small danger" onClick={() => actions.remove(editor)}><Icon name="trash" size={16} />{t('delete')}</button>
    </div>
  );
}
