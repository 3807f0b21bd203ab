// One line of the outline: a step, a branch, a way back, or a way out that leads nowhere yet.
import { useEditor, useView } from '../../designer/use.js';
import { TalkBadge } from '../comments/Comments.jsx';
import { tally } from '../comments/model.js';
import { Icon, KindIcon } from '../icons.jsx';

export function Line({ row, tabIndex, expanded, onPick, onOpen, onAdd, onFold, onFocus }) {
  const editor = useEditor();
  const { t } = editor;
  const selected = useView((state) => row.what === 'node' && state.selection.includes(row.id));
  const [errors, warnings] = useView((state) => count(state.findings, row.id));
  const { open: talks, unread } = useView((state) => (row.what === 'node' ? tally(state.threads, row.id) : tally(null)));
  const summary = useView((state) => (row.id ? state.summaries[row.id] : ''));
  const kind = row.what === 'node' ? editor.kindOf(row.id) : null;
  const words = wordsOf(editor, row);
  const told = [words, kind && editor.say(kind.label), summary, errors && t('errors_n', { n: errors }), warnings && t('warnings_n', { n: warnings }), talks && t('comments_open_n', { n: talks }), unread && t('comments_new_n', { n: unread })].filter(Boolean).join(t('comma'));
  return (
    <div
      className={`tree-line is-${row.what}${selected ? ' selected' : ''}${kind ? ` tone-${editor.tone(kind)}` : ''}`} role="treeitem" data-key={row.key} data-step={row.id} tabIndex={tabIndex}
      aria-level={row.depth + 1} aria-expanded={expanded} aria-selected={selected} aria-label={told} style={{ '--depth': row.depth }}
      onClick={onPick} onDoubleClick={onOpen} onFocus={(event) => event.target === event.currentTarget && onFocus()}
    >
      {expanded === undefined ? <span className="fold" /> : <button type="button" className="fold" tabIndex={-1} aria-hidden="true" onClick={(event) => { event.stopPropagation(); onFold(); }}><Icon name={expanded ? 'down' : 'next'} size={16} /></button>}
      {kind && <KindIcon kind={kind} size={18} />}
      {row.what === 'ref' && <Icon name={row.back ? 'undo' : 'next'} size={16} />}
      <span className="tree-words"><b>{words}</b>{summary && <em>{summary}</em>}</span>
      <TalkBadge open={talks} unread={unread} />
      {errors > 0 && <i className="badge error"><Icon name="alert" size={13} />{errors}</i>}
      {warnings > 0 && <i className="badge warning"><Icon name="alert" size={13} />{warnings}</i>}
      {row.what === 'node' && <button type="button" className="tool" tabIndex={-1} aria-hidden="true" title={t('panel')} onClick={(event) => { event.stopPropagation(); onOpen(); }}><Icon name="gear" size={18} /></button>}
      {onAdd && <button type="button" className="tool" tabIndex={-1} aria-hidden="true" title={t('outline_add')} onClick={(event) => { event.stopPropagation(); onAdd(event); }}><Icon name="plus" size={18} /></button>}
    </div>
  );
}

function wordsOf(editor, row) {
  const { t } = editor;
  if (row.what === 'node') return editor.label(row.id);
  if (row.what === 'branch') return editor.say(row.label) || row.port;
  if (row.what === 'ref') return t(row.back ? 'outline_back' : 'outline_on', { what: editor.label(row.target) });
  return t(row.side ? 'outline_ends' : 'outline_open');
}

function count(findings, id) {
  if (!id) return [0, 0];
  const own = findings.filter((one) => one.node === id);
  return [own.filter((one) => one.level === 'error').length, own.filter((one) => one.level === 'warning').length];
}
