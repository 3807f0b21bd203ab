// A step as a card: icon and its group's colour on the left edge, name, one line about it, badges. And where nothing stands yet.
import { memo } from 'react';
import * as actions from '../actions.js';
import { TalkBadge } from '../comments/Comments.jsx';
import { tally } from '../comments/model.js';
import { Icon, KindIcon } from '../icons.jsx';
import { useEditor, useView } from '../../designer/use.js';
import { Docks } from './xyflow.jsx';

const LEVELS = { error: 'alert', warning: 'alert', info: 'info' };

export const Card = memo(function Card({ node: one }) {
  const editor = useEditor();
  const { t } = editor;
  const { id, node, kind, selected } = one;
  const size = editor.size(node);
  const name = editor.label(id);
  const [errors, warnings, clock, visits, faded, active, mark, pinned, first, talks, unread] = useView((state) => about(editor, state, id));
  const badges = useView((state) => state.badges[id]);
  const told = [editor.say(kind.label), name, one.summary, errors && t('errors_n', { n: errors }), warnings && t('warnings_n', { n: warnings }), clock && t('covered', { what: clock }), node.comment && t('comment', { words: node.comment }), talks && t('comments_open_n', { n: talks }), unread && t('comments_new_n', { n: unread }), mark && t(`cmp_${mark}`), active, visits > 1 && t('visits_n', { n: visits }), ...(badges || []).map((badge) => badge.words)].filter(Boolean).join(t('comma'));
  return (
    <>
      <div
        data-step={id} className={`card tone-${editor.tone(kind)}${selected ? ' selected' : ''}${kind.missing ? ' missing' : ''}${kind.attaches ? ' clock' : ''}${faded ? ' faded' : ''}${visits ? ' lit' : ''}${active ? ' active' : ''}${mark ? ` cmp ${mark}` : ''}`}
        role="button" tabIndex={selected || first ? 0 : -1} aria-pressed={selected} aria-label={told} aria-describedby="canvas-help" title={one.summary ? `${name}\n${one.summary}` : name}
        onFocus={(event) => event.target.matches(':focus-visible') && !editor.state.selection.includes(id) && editor.select(id)}
      >
        <KindIcon kind={kind} />
        <b className="card-name">{size.name.map((line, at) => <span key={at}>{line}</span>)}</b>
        {size.summary.length > 0 && <p className="card-line">{size.summary.map((line, at) => <span key={at}>{line}</span>)}</p>}
        <span className="badges" aria-hidden="true">
          {mark && <i className={`badge cmp ${mark}`}>{t(`cmp_${mark}`)}</i>}
          {kind.missing && <i className="badge missing">{t('missing')}</i>}
          {node.comment && <i className="badge" title={t('comment', { words: node.comment })}><Icon name="file-text" size={13} /></i>}
          <TalkBadge open={talks} unread={unread} />
          {pinned && <i className="badge" title={t('pinned')}><Icon name="pin" size={13} /></i>}
          {clock && <i className="badge clock" title={t('covered', { what: clock })}><Icon name="alarm-clock" size={13} /></i>}
          {(badges || []).map((badge, at) => <i key={at} className={`badge ${badge.level || 'info'}`}>{LEVELS[badge.level] && badge.level !== 'info' && <Icon name={LEVELS[badge.level]} size={13} />}{badge.words}</i>)}
          {visits > 1 && <i className="badge visits">×{visits}</i>}
          {warnings > 0 && !errors && <i className="badge warning"><Icon name="alert" size={13} />{warnings}</i>}
          {errors > 0 && <i className="badge error"><Icon name="alert" size={13} />{errors}</i>}
        </span>
        {active && <em className="bubble">{active}</em>}
      </div>
      {one.tie > 0 && <i className="tie" style={{ width: one.tie }} />}
      <Docks node={one} />
    </>
  );
});

/** What a card shows of the state: numbers and words only, so that it is drawn again only when one of them changes. */
function about(editor, state, id) {
  let errors = 0;
  let warnings = 0;
  for (const finding of state.findings) if (finding.node === id) {
    if (finding.level === 'error') errors += 1;
    else warnings += 1;
  }
  const clock = (editor.shown.nodes || []).find((node) => node.attach?.includes(id));
  const { lit } = state;
  const talk = tally(state.threads, id);
  const visits = lit?.nodes?.[id] || 0;
  return [errors, warnings, clock ? editor.label(clock.id) : '', visits, Boolean(lit) && !visits, lit?.active?.[id] || '', state.compare?.nodes.get(id) || '', state.view === 'free' && Boolean(state.content.layout?.pinned?.includes(id)), !state.selection.length && editor.layout().walked.order[0] === id, talk.open, talk.unread];
}

/** A way out that leads nowhere yet. */
export const OpenEnd = memo(function OpenEnd({ node }) {
  const editor = useEditor();
  const { t } = editor;
  const { open } = node;
  const words = useView((state) => state.lit?.ports?.[open.id] || '');
  const what = useView(() => editor.label(open.node));
  const several = (editor.layout().ports.get(open.node) || []).length > 1 || (editor.node(open.node) && editor.kindOf(open.node).attaches);
  const label = several ? t('add_at', { what, port: editor.say(open.label) || open.port }) : t('add_after', { what });
  return <button type="button" data-open={open.id} className={`open-end nodrag nopan${open.optional ? ' optional' : ''}`} tabIndex={-1} aria-label={label} title={words || (open.optional ? label : `${label}（${t('leads_nowhere')}）`)} onClick={(event) => press(editor, { node: open.node, port: open.port }, event)}><Icon name="plus" size={18} /></button>;
});

export function press(editor, place, event) {
  event.stopPropagation();
  const box = event.currentTarget.getBoundingClientRect();
  editor.set({ selection: place.node ? [place.node] : editor.state.selection, panel: false });
  actions.openPalette(editor, place, { x: box.left + box.width / 2, y: box.bottom + 6 });
}

/** One more beginning. */
export const Start = memo(function Start() {
  const editor = useEditor();
  return <button type="button" className="add-start nodrag nopan" tabIndex={-1} onClick={(event) => press(editor, { start: true }, event)}><Icon name="plus" size={16} />{editor.t('add_start')}</button>;
});

export function StartOffer({ kind }) {
  const editor = useEditor();
  return <button type="button" className={`step-kind large tone-${editor.tone(kind)}`} onClick={() => actions.add(editor, kind, { start: true })}><KindIcon kind={kind} /><span>{editor.say(kind.label)}</span></button>;
}
