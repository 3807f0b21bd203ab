// The windows of the flow designer; those about drafts and versions are the form designer's own.
import { ConflictDialog, VersionsDialog } from '../../designer/dialogs/Others.jsx';
import { useView } from '../../designer/use.js';
import { AskDialog } from '../branch/Ask.jsx';
import { MergeDialog } from '../branch/Merge.jsx';
import { InUseDialog } from './InUse.jsx';
import { KeysDialog } from './Keys.jsx';
import { PublishDialog } from './Publish.jsx';

const WINDOWS = { publish: PublishDialog, conflict: ConflictDialog, versions: VersionsDialog, use: InUseDialog, keys: KeysDialog, merge: MergeDialog, ask: AskDialog };

export function Windows(props) {
  const dialog = useView((state) => state.dialog);
  const Window = dialog && WINDOWS[dialog.name];
  return Window ? <Window key={dialog.name} dialog={dialog} {...props} /> : null;
}
