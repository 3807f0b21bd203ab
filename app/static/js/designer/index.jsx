// The form designer's page begins here: everything it starts with stands in #boot.
import { createRoot } from 'react-dom/client';
import { App } from './App.jsx';
import { Editor } from './editor.js';
import { caller } from './net.js';
import { Newest } from './newest.js';
import { Saver } from './saver.js';

const boot = JSON.parse(document.getElementById('boot').textContent);
const call = caller(boot.csrf);
const editor = new Editor(boot);
const saver = new Saver(editor, call);
const newest = new Newest(editor, call);

createRoot(document.getElementById('designer')).render(<App editor={editor} saver={saver} call={call} newest={newest} />);
newest.load();
call('POST', boot.urls.check, { content: boot.content }).then(
  (answer) => editor.content === boot.content && editor.set({ findings: answer.findings }),
  () => editor.tell(editor.t('check_later')), // the next save brings the findings
);
