// Every shortcut: read from the very tables that the page obeys.
import { KeyList } from '../../designer/dialogs/Others.jsx';
import { Dialog } from '../../designer/dialogs/Dialog.jsx';
import { useEditor } from '../../designer/use.js';
import { MOUSE } from '../canvas/lasso.js';
import { CANVAS, IN_BARS, IN_PANEL, PAGE } from '../keys.js';
import { OUTLINE } from '../outline/keys.js';
import { shown } from '../shortcuts.js';

const TABLES = [['keys_page', PAGE], ['keys_canvas', CANVAS], ['keys_mouse', MOUSE], ['keys_outline', OUTLINE], ['keys_panel', IN_PANEL], ['keys_bars', IN_BARS]];

export function KeysDialog() {
  const { t } = useEditor();
  return (
    <Dialog title={t('shortcuts')} wide>
      <div className="key-tables">
        {TABLES.map(([name, rows]) => <section key={name}><h3>{t(name)}</h3><KeyList rows={rows.map((row) => [row.said ? t(row.said) : shown(row.keys || row.shows), row.words])} /></section>)}
      </div>
    </Dialog>
  );
}
