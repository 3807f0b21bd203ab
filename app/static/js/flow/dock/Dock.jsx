// What stands below the canvas: one tab a room of its own. `dock` of the state names the open one, or is null.
import { useEditor, useView } from '../../designer/use.js';
import { AllComments } from '../comments/Comments.jsx';
import { Load } from '../load/Load.jsx';
import { Sandbox } from '../sandbox/Sandbox.jsx';
import { Problems } from './Problems.jsx';

const TABS = { problems: Problems, sandbox: Sandbox, load: Load, comments: AllComments };

export function Dock(props) {
  const editor = useEditor();
  const dock = useView((state) => state.dock);
  const Tab = TABS[dock];
  return Tab ? <section className="dock" aria-label={editor.t('dock')}><Tab {...props} /></section> : null;
}
