// The flow designer's page begins here: everything it starts with stands in #boot.
import { createRoot } from 'react-dom/client';
import { caller } from '../designer/net.js';
import { Saver } from '../designer/saver.js';
import { App } from './App.jsx';
import { Talk } from './comments/talk.js';
import { Editor } from './editor.js';

const boot = JSON.parse(document.getElementById('boot').textContent);
const call = caller(boot.csrf);
const editor = new Editor(boot);
editor.talk = new Talk(editor, call);
const saver = new Saver(editor, call);

if (matchMedia('(max-width: 599px)').matches) editor.set({ view: 'outline' }); // a chart does not fit a phone; the list does
if (boot.branch && location.hash) editor.open(location.hash === '#merge' ? { name: 'merge', way: 'into' } : { name: 'ask' });
createRoot(document.getElementById('flow-designer')).render(<App editor={editor} saver={saver} call={call} />);
