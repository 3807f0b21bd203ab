// The drawing table: bar, palette, canvas, panel, and whatever window is open over them.
import { useCallback, useEffect, useRef } from 'react';
import { Fallen } from '../shared/Fallen.jsx';
import * as actions from './actions.js';
import { ProblemsPanel } from './dialogs/Problems.jsx';
import { ConflictDialog, DeleteDialog, KeysDialog, RulesDialog, VersionsDialog } from './dialogs/Others.jsx';
import { LanguagesDialog } from './dialogs/Languages.jsx';
import { LinksDialog } from './dialogs/Links.jsx';
import { PublishDialog } from './dialogs/Publish.jsx';
import { DragArea } from './dnd.jsx';
import { keepFocus } from './focus.js';
import { FormulaDialog } from './formula/FormulaDialog.jsx';
import { listen } from './keys.js';
import { Panel } from './panel/Panel.jsx';
import { EditorContext, useView } from './use.js';
import { Canvas } from './view/Canvas.jsx';
import { Palette } from './view/Palette.jsx';
import { Preview } from './view/Preview.jsx';
import { Toast } from './view/Toast.jsx';
import { TopBar } from './view/TopBar.jsx';

const WINDOWS = { publish: PublishDialog, links: LinksDialog, conflict: ConflictDialog, delete: DeleteDialog, versions: VersionsDialog, rules: RulesDialog, keys: KeysDialog, formula: FormulaDialog, languages: LanguagesDialog };

export function App({ editor, saver, call, newest }) {
  return <EditorContext value={editor}><Fallen editor={editor} saver={saver}><Table editor={editor} saver={saver} call={call} newest={newest} /></Fallen></EditorContext>;
}

function Table({ editor, saver, call, newest }) {
  const preview = useView((state) => state.preview);
  const dialog = useView((state) => state.dialog);
  const root = useRef(null);
  useEffect(() => listen(editor, saver), [editor, saver]);
  useEffect(() => keepFocus(root.current), []);
  const drop = useCallback((held, place) => actions.drop(editor, held, place), [editor]);
  const Window = dialog && WINDOWS[dialog.name];
  return (
    <div ref={root} className={`designer${preview ? ' with-preview' : ''}`}>
      <TopBar saver={saver} />
      <DragArea onDrop={drop}>
        <Palette />
        <Canvas />
      </DragArea>
      {preview && <Preview call={call} />}
      <Panel />
      {dialog?.name === 'problems' && <ProblemsPanel />}
      {Window && <Window key={dialog.name} dialog={dialog} saver={saver} call={call} newest={newest} />}
      <Toast />
      <Announced />
    </div>
  );
}

/** What screen readers say. By itself, as it changes at every step of a drag. */
function Announced() {
  return <p className="vh" role="status" aria-live="polite">{useView((state) => state.announce)}</p>;
}
