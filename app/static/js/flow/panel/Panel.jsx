// The panel that slides over the canvas: what can be said about the selected step.
import { Icon } from '../icons.jsx';
import { rename } from '../model/edits.js';
import { useEditor, useView } from '../../designer/use.js';

export function Panel() {
  const editor = useEditor();
  const { t } = editor;
  const id = useView((state) => (state.panel && state.selection.length === 1 ? state.selection[0] : null));
  const node = useView((state) => (id ? editor.node(id) : null));
  if (!node) return null;
  return (
    <aside className="flow-panel" aria-label={t('panel')}>
      <header><h2>{editor.say(editor.kindOf(id).label)}</h2><button type="button" className="tool" aria-label={t('close')} onClick={() => editor.set({ panel: false })}><Icon name="close" /></button></header>
      <label className="set"><span>{t('step_name')}</span><input className="in" value={editor.say(node.name)} maxLength={200} onChange={(event) => editor.edit(t('did_rename', { what: event.target.value }), rename(editor.content, id, event.target.value), { key: `name ${id}` })} /></label>
    </aside>
  );
}
