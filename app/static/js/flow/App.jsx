// The flow on the drawing table: bar, canvas or outline, the panel over it, the dock below.
import { useEffect, useRef } from 'react';
import { keepFocus } from '../designer/focus.js';
import { EditorContext, useView } from '../designer/use.js';
import { Toast } from '../designer/view/Toast.jsx';
import { Fallen } from '../shared/Fallen.jsx';
import { Banner } from './branch/Banner.jsx';
import { Canvas } from './canvas/Canvas.jsx';
import { Windows } from './dialogs/index.jsx';
import { Dock } from './dock/Dock.jsx';
import { listen } from './keys.js';
import { Outline } from './outline/Outline.jsx';
import { Palette } from './palette/Palette.jsx';
import { Panel } from './panel/Panel.jsx';
import { TopBar } from './view/TopBar.jsx';

export function App({ editor, saver, call }) {
  return <EditorContext value={editor}><Fallen editor={editor} saver={saver}><Table editor={editor} saver={saver} call={call} /></Fallen></EditorContext>;
}

function Table({ editor, saver, call }) {
  const outline = useView((state) => state.view === 'outline');
  const announce = useView((state) => state.announce);
  const root = useRef(null);
  const view = useRef(null);
  useEffect(() => listen(editor, saver), [editor, saver]);
  useEffect(() => editor.talk.start(), [editor]);
  useEffect(() => keepFocus(root.current), []);
  return (
    <div ref={root} className="flow">
      <TopBar saver={saver} call={call} />
      <Banner call={call} />
      <div className="stage">
        {outline ? <Outline /> : <Canvas view={view} />}
        <Panel saver={saver} call={call} />
      </div>
      <Dock saver={saver} call={call} />
      <Palette />
      <Windows saver={saver} call={call} />
      <Toast />
      <p className="vh" role="status" aria-live="polite">{announce}</p>
    </div>
  );
}
