// A real ticket on the flow it runs on: the sandbox's player over what truly happened. Nothing can be changed here.
import { useEffect, useRef } from 'react';
import { createRoot } from 'react-dom/client';
import { EditorContext } from '../../designer/use.js';
import { Canvas } from '../canvas/Canvas.jsx';
import { Editor } from '../editor.js';
import { Showing } from '../sandbox/showing.js';
import { Controls, Story } from '../sandbox/Story.jsx';
import { PlayerContext } from '../sandbox/use.js';

const boot = JSON.parse(document.getElementById('boot').textContent);
const editor = new Editor(boot);
const player = new Showing(editor, { stage: { events: boot.events, names: boot.names, start: boot.start, at: boot.at, real: true }, count: boot.events.length });

function Live() {
  const view = useRef(null);
  useEffect(() => {
    player.light();
  }, []);
  return (
    <EditorContext value={editor}>
      <PlayerContext value={player}>
        <div className="stage"><Canvas view={view} /></div>
        <section className="dock" aria-label={editor.t('sb_story')}><div className="sb"><Controls /><Story /></div></section>
      </PlayerContext>
    </EditorContext>
  );
}

createRoot(document.getElementById('ticket-flow')).render(<Live />);
