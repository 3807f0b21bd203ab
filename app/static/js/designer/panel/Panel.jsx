// The right-hand panel: what is selected, and what can be said about it.
import { find } from '../model/content.js';
import { useEditor, useView } from '../use.js';
import { FieldPanel } from './FieldPanel.jsx';
import { FormPanel } from './FormPanel.jsx';
import { ManyPanel, SectionPanel } from './OtherPanels.jsx';

export function Panel() {
  const { t } = useEditor();
  const selection = useView((state) => state.selection);
  const lone = selection.length === 1 ? selection[0] : null;
  const found = useView((state) => (lone ? find(state.content, lone)?.field : null));
  const section = useView((state) => (lone ? (state.content.sections || []).find((one) => one.id === lone) : null));
  return (
    <aside className="panel" aria-label={t('panel')}>
      {selection.length > 1 ? <ManyPanel ids={selection} /> : found ? <FieldPanel key={found.id} field={found} /> : section ? <SectionPanel key={section.id} section={section} /> : <FormPanel />}
    </aside>
  );
}
