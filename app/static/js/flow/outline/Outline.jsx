// The flow as an indented list, in the order of the canvas: for keyboards, screen readers and phones.
import { useEditor, useView } from '../../designer/use.js';

export function Outline() {
  const editor = useEditor();
  const selection = useView((state) => state.selection);
  useView((state) => state.content);
  return (
    <section className="outline" aria-label={editor.t('outline')}>
      <ol>{editor.layout().walked.order.map((id) => <li key={id}><button type="button" className="link" aria-pressed={selection.includes(id)} onClick={() => editor.show(id)}>{editor.label(id)}</button></li>)}</ol>
    </section>
  );
}
