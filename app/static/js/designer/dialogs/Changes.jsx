// What differs between two definitions, in the server's words.
import { useEffect, useState } from 'react';
import { Icon } from '../icons.jsx';
import { useEditor } from '../use.js';

export function Changes({ before, after, call }) {
  const editor = useEditor();
  const { t } = editor;
  const [found, setFound] = useState({ changes: null, error: '' });
  const load = () => {
    setFound({ changes: null, error: '' });
    call('POST', editor.boot.urls.compare, { old: before, new: after }).then((answer) => setFound({ ...answer, error: '' }), (error) => setFound({ changes: null, error: error.answer?.message || t('not_reached') }));
  };
  useEffect(load, [before, after]);
  if (found.error) return <p className="row-error" role="alert"><Icon name="alert" size={16} />{found.error} <button type="button" className="link" onClick={load}>{t('try_again')}</button></p>;
  if (!found.changes) return <p className="row-hint">{t('loading')}</p>;
  return found.changes.length ? <ChangeList changes={found.changes} /> : <p className="none">{t('no_changes')}</p>;
}

export function ChangeList({ changes }) {
  const { t } = useEditor();
  return <ul className="changes">{changes.map((change, at) => <li key={at} className={change.kind}><span className="what">{t(`change_${change.kind}`)}</span><span>{change.words}</span></li>)}</ul>;
}
