// Threads of comments: at a step in its panel, and all that are open in the dock.
import { useEffect, useId, useState } from 'react';
import { Icon } from '../icons.jsx';
import { useEditor, useView } from '../../designer/use.js';
import { moment } from '../../designer/words.js';
import { begins, grouped, openFirst, tally } from './model.js';
import { newId } from './talk.js';

/** The threads of a step, "": of the whole flow, and where to begin one. */
export function StepComments({ step }) {
  const editor = useEditor();
  const { t } = editor;
  const all = useView((state) => state.threads);
  const error = useView((state) => state.talkError);
  const [older, setOlder] = useState(false);
  const mine = (all || []).filter((one) => one.step === step);
  useSeen(mine);
  if (!editor.talk) return null;
  const done = mine.filter((one) => one.resolved).length;
  const shown = openFirst(mine).filter((one) => older || !one.resolved);
  return (
    <section className="props talk" aria-label={t('comments')}>
      <p className="group-name">{t('comments')}</p>
      <p className="row-hint">{t('comments_help')}</p>
      {!all && error && <p className="row-error"><Icon name="alert" size={16} />{error}<button type="button" className="link" onClick={() => editor.talk.refresh()}>{t('try_again')}</button></p>}
      <ul className="threads">{shown.map((thread) => <Thread key={thread.id} thread={thread} />)}</ul>
      {done > 0 && <button type="button" className="link" aria-expanded={older} onClick={() => setOlder(!older)}>{t(older ? 'comments_done_hide' : 'comments_done_n', { n: done })}</button>}
      <Compose place={{ step, name: step ? editor.label(step).slice(0, 80) : '' }} mark={`at ${step}`} label={t('comment_write')} />
    </section>
  );
}

/** The room of the dock: everything open, step by step, each a way to where it belongs. */
export function AllComments() {
  const editor = useEditor();
  const { t } = editor;
  const all = useView((state) => state.threads);
  const error = useView((state) => state.talkError);
  const content = useView((state) => state.content);
  const [older, setOlder] = useState(false);
  const order = [...new Set([...editor.layout(content).walked.order, ...(content.nodes || []).map((node) => node.id)])];
  const open = grouped(all || [], order);
  const done = grouped(all || [], order, true);
  useSeen((all || []).filter((one) => !one.resolved));
  return (
    <>
      <header><h2>{t('comments')}</h2><button type="button" className="tool" aria-label={t('close')} onClick={() => editor.set({ dock: null })}><Icon name="close" /></button></header>
      {error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{error}<button type="button" className="link" onClick={() => editor.talk.refresh()}>{t('try_again')}</button></p>}
      {!all && !error && <p role="status">{t('loading')}</p>}
      {all && !open.length && <p className="none">{t('comments_none')}</p>}
      <div className="talk">
        {open.map((group) => <Group key={group.step} group={group} />)}
        {done.length > 0 && <button type="button" className="link" aria-expanded={older} onClick={() => setOlder(!older)}>{t(older ? 'comments_done_hide' : 'comments_done_n', { n: done.reduce((sum, group) => sum + group.threads.length, 0) })}</button>}
        {older && done.map((group) => <Group key={group.step} group={group} />)}
      </div>
    </>
  );
}

function Group({ group }) {
  const editor = useEditor();
  const { t } = editor;
  const name = group.step ? (group.gone ? group.name || group.step : editor.label(group.step)) : t('comments_flow');
  const go = () => (group.step ? editor.show(group.step, { path: 'comments' }) : editor.set({ selection: [], edge: null, panel: true, focusField: { node: null, path: 'comments' } }));
  return (
    <section className="talk-group">
      <h3>{group.gone ? <><s>{name}</s> <i className="badge">{t('comments_gone')}</i></> : <button type="button" className="link" title={t('comment_at')} onClick={go}>{name}</button>}</h3>
      <ul className="threads">{group.threads.map((thread) => <Thread key={thread.id} thread={thread} />)}</ul>
    </section>
  );
}

/** What stands here for a moment is read. What was new stays marked while it is looked at. */
function useSeen(threads) {
  const editor = useEditor();
  const fresh = threads.flatMap((thread) => thread.comments).filter((one) => one.unread).map((one) => one.id).join();
  useEffect(() => {
    if (!fresh) return undefined;
    const timer = setTimeout(() => document.visibilityState === 'visible' && editor.talk.seen(threads), 2500);
    return () => clearTimeout(timer);
  }, [editor, fresh]);
}

function Thread({ thread }) {
  const editor = useEditor();
  const { t } = editor;
  const [answering, setAnswering] = useState(() => editor.talk.unsent.has(`in ${thread.id}`));
  const [error, setError] = useState('');
  const when = (at) => moment(at, editor.locale, editor.boot.timezone);
  const act = async (done) => setError(await done);
  return (
    <li className={`thread${thread.resolved ? ' resolved' : ''}`}>
      <ol>{thread.comments.map((one) => <One key={one.id} one={one} when={when} onDelete={() => act(editor.talk.remove(one.id))} />)}</ol>
      {error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{error}</p>}
      {thread.resolved && <p className="row-hint"><Icon name="check" size={16} />{t('comment_resolved', { who: thread.resolved.by, at: when(thread.resolved.at) })}</p>}
      {answering ? <Compose place={{ thread: thread.id }} mark={`in ${thread.id}`} label={t('comment_answer')} onEnd={() => setAnswering(false)} focus /> : (
        <p className="thread-acts">
          <button type="button" className="link" aria-label={`${t('comment_answer')}：${begins(thread).slice(0, 40)}`} onClick={() => setAnswering(true)}>{t('comment_answer')}</button>
          <button type="button" className="link" onClick={() => act(editor.talk.resolve(thread.id, !thread.resolved))}>{t(thread.resolved ? 'comment_reopen' : 'comment_resolve')}</button>
        </p>
      )}
    </li>
  );
}

function One({ one, when, onDelete }) {
  const { t } = useEditor();
  const [sure, setSure] = useState(false);
  if (!one.text) return <li className="said"><p className="row-hint">{t('comment_deleted')}</p></li>;
  return (
    <li className={`said${one.unread ? ' unread' : ''}`}>
      <p className="said-by"><b>{one.by}</b><time>{when(one.at)}</time>{one.unread && <i className="badge info">{t('comment_new')}</i>}
        {one.mine && (sure
          ? <button type="button" className="link danger" onClick={onDelete} onBlur={() => setSure(false)}>{t('comment_sure')}</button>
          : <button type="button" className="tool" aria-label={t('comment_delete')} title={t('comment_delete')} onClick={() => setSure(true)}><Icon name="trash" size={16} /></button>)}
      </p>
      <p className="said-text">{one.text}</p>
    </li>
  );
}

/** Where one writes. What is not sent stays, under `mark`, while the page is open. */
function Compose({ place, mark, label, onEnd, focus = false }) {
  const editor = useEditor();
  const { t } = editor;
  const { unsent } = editor.talk;
  const id = useId();
  const [text, setText] = useState(unsent.get(mark)?.text || '');
  const [state, setState] = useState({ busy: false, error: '' });
  const put = (words) => {
    setText(words);
    if (words) unsent.set(mark, { id: unsent.get(mark)?.id || newId(), text: words });
    else unsent.delete(mark);
  };
  const send = async (event) => {
    event?.preventDefault();
    if (!text.trim() || state.busy) return;
    setState({ busy: true, error: '' });
    const error = await editor.talk.write({ id: unsent.get(mark).id, ...place }, text);
    if (!error) {
      put('');
      onEnd?.();
    }
    setState({ busy: false, error });
  };
  const keys = (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing) send(event);
    else if (event.key === 'Escape' && onEnd) {
      event.stopPropagation();
      put('');
      onEnd();
    }
  };
  return (
    <form className="compose" data-setting={focus ? undefined : 'comments'} onSubmit={send}>
      <textarea id={id} className="in" rows={text || focus ? 3 : 1} maxLength={editor.boot.comment_most} aria-label={label} placeholder={label} value={text} autoFocus={focus} onChange={(event) => put(event.target.value)} onKeyDown={keys} />
      {state.error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{state.error}</p>}
      {(text || focus) && <p className="compose-acts"><button type="submit" className="btn small primary" disabled={!text.trim() || state.busy}><Icon name="send" size={16} />{t(state.busy ? 'comment_sending' : 'comment_send')}</button>{onEnd && <button type="button" className="btn small quiet" onClick={() => { put(''); onEnd(); }}>{t('cancel')}</button>}</p>}
    </form>
  );
}

/** The way to the dock's list, with what is unread. */
export function TalkButton() {
  const editor = useEditor();
  const { t } = editor;
  const open = useView((state) => state.dock === 'comments');
  const { open: count, unread } = useView((state) => tally(state.threads));
  return <button type="button" className="btn quiet" aria-pressed={open} aria-label={unread ? t('comments_unread', { n: unread }) : t('comments')} onClick={() => editor.set({ dock: open ? null : 'comments' })}><Icon name="message-square" size={18} />{t('comments')}{count > 0 && <b className={`count${unread ? ' unread' : ''}`}>{unread || count}</b>}</button>;
}

/** On a card or a line of the outline: how many threads are open there, and whether something is unread. */
export function TalkBadge({ open, unread }) {
  const { t } = useEditor();
  if (!open) return null;
  return <i className={`badge talk${unread ? ' unread' : ''}`} title={unread ? t('comments_new_n', { n: unread }) : t('comments_open_n', { n: open })}><Icon name="message-square" size={13} />{unread || open}</i>;
}
