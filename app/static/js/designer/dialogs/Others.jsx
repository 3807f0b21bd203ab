// Smaller windows: what deleting would break, a colleague's newer draft, published versions, all rules, the keys.
import { useEffect, useState } from 'react';
import * as actions from '../actions.js';
import { Icon } from '../icons.jsx';
import { usesOf } from '../model/content.js';
import { RuleCard } from '../rules/RuleCard.jsx';
import { startRule } from '../rules/FieldRules.jsx';
import { ruleWords } from '../rules/asking.js';
import { Row, Select } from '../panel/inputs.jsx';
import { useEditor, useView } from '../use.js';
import { moment } from '../words.js';
import { Changes } from './Changes.jsx';
import { Dialog } from './Dialog.jsx';

export function DeleteDialog({ dialog, call }) {
  const editor = useEditor();
  const { t, content } = editor;
  const { ids } = dialog;
  const [elsewhere, setElsewhere] = useState(editor.boot.published && editor.boot.urls.usage ? null : []);
  const uses = [...new Map(ids.flatMap((id) => usesOf(content, id)).filter((use) => !ids.includes(use.id)).map((use) => [use.id, use])).values()];
  useEffect(() => {
    if (elsewhere) return;
    Promise.all(ids.map((id) => call('GET', `${editor.boot.urls.usage}?field=${id}`)))
      .then((found) => setElsewhere([...new Map(found.flat().map((use) => [`${use.kind}${use.key}${use.where}`, use])).values()]), () => setElsewhere(undefined));
  }, []);
  const what = ids.length > 1 ? t('n_fields', { n: ids.length }) : t('quoted', { what: editor.label(ids[0]) });
  const ruleOf = (id) => content.rules.find((rule) => rule.id === id);
  const remove = () => {
    editor.close();
    actions.removeNow(editor, ids);
  };
  return (
    <Dialog title={t('delete_what', { what })} actions={<><button type="button" className="btn" onClick={editor.close}>{t('keep')}</button><button type="button" className="btn danger solid" onClick={remove}>{t('delete')}</button></>}>
      {uses.length > 0 && <><p>{t('uses_here')}</p><ul className="uses">
        {uses.map((use) => <li key={use.id}><Icon name={use.kind === 'rule' ? 'rules' : 'computed'} size={18} /><span>{use.kind === 'rule' ? ruleWords(editor, content, ruleOf(use.id)) : t('used_in_field', { what: editor.label(use.id) })}</span></li>)}
      </ul><p className="row-hint">{t('uses_what_happens')}</p></>}
      {elsewhere === null && <p className="row-hint">{t('looking_at_flows')}</p>}
      {elsewhere === undefined && <p className="row-error">{t('flows_unknown')}</p>}
      {elsewhere?.length > 0 && <><p>{t('uses_elsewhere')}</p><ul className="uses">{elsewhere.map((use, at) => <li key={at}><Icon name="rules" size={18} /><span>{editor.say(use.title)}{use.where ? t('comma') + editor.say(use.where) : ''}</span></li>)}</ul></>}
      {!uses.length && elsewhere?.length === 0 && <p>{t('uses_nowhere')}</p>}
      {ids.some((id) => editor.state.publishedIds?.has(id) ?? Boolean(editor.boot.published)) && <p className="row-hint">{t('old_answers_stay')}</p>}
    </Dialog>
  );
}

export function ConflictDialog({ dialog, saver, call }) {
  const editor = useEditor();
  const { t, content } = editor;
  const { theirs } = dialog;
  return (
    <Dialog title={t('conflict')} wide actions={<>
      <button type="button" className="btn" onClick={() => saver.settle(theirs, false)}>{t('take_theirs')}</button>
      <button type="button" className="btn primary" onClick={() => saver.settle(theirs, true)}>{t('keep_mine')}</button>
    </>}>
      <p>{t('conflict_who', { by: theirs.by || t('a_colleague'), at: moment(theirs.at, editor.locale, editor.boot.timezone) })}</p>
      <h3>{t('conflict_diff')}</h3>
      <Changes before={theirs.content} after={content} call={call} />
      <p className="row-hint">{t('conflict_help')}</p>
    </Dialog>
  );
}

export function VersionsDialog({ call, saver }) {
  const editor = useEditor();
  const { t, content, boot } = editor;
  const [list, setList] = useState(null);
  const [error, setError] = useState('');
  const [chosen, setChosen] = useState(null);
  const [theirs, setTheirs] = useState(null);
  const [other, setOther] = useState(null); // a second version, compared with the chosen one; null: the draft
  const fail = (problem) => setError(problem.answer?.message || t('not_reached'));
  const load = () => {
    setError('');
    call('GET', boot.urls.versions).then(setList, fail);
  };
  useEffect(load, []);
  const read = (version) => call('GET', boot.urls.version.replace('{id}', version.id)).then((answer) => answer.content);
  const open = (version) => {
    setChosen(version);
    setTheirs(null);
    setOther(null);
    read(version).then(setTheirs, fail);
  };
  const against = (id) => {
    const version = list.find((one) => one.id === id);
    if (version) read(version).then((found) => setOther({ ...version, content: found }), fail);
    else setOther(null);
  };
  const [older, newer] = other && other.version < chosen.version ? [other, { ...chosen, content: theirs }] : [{ ...chosen, content: theirs }, other];
  const restore = () => saver.restore(chosen.id, t('did_restore', { n: chosen.version })).then(editor.close, fail);
  return (
    <Dialog title={t('versions')} wide actions={theirs && <>{editor.compareWith && <button type="button" className="btn" onClick={() => { editor.close(); editor.compareWith(older.content, t('version_n', { n: older.version }), newer?.content); }}>{t('cmp_on_canvas')}</button>}<button type="button" className="btn primary" onClick={restore}><Icon name="history" size={16} />{t('restore', { n: chosen.version })}</button></>}>
      {error && <p className="row-error" role="alert"><Icon name="alert" size={16} />{error} <button type="button" className="link" onClick={chosen ? () => open(chosen) : load}>{t('try_again')}</button></p>}
      {!list && !error && <p className="row-hint">{t('loading')}</p>}
      {list?.length === 0 && <p className="none">{t('no_versions')}</p>}
      {list?.length > 0 && <div className="versions">
        <ul>{list.map((version) => <li key={version.id}><button type="button" aria-pressed={chosen?.id === version.id} onClick={() => open(version)}><b>{t('version_n', { n: version.version })}{version.version === boot.published?.version && <span className="standing used">{t('version_live')}</span>}</b><span>{moment(version.at, editor.locale, boot.timezone)} · {version.by}</span></button></li>)}</ul>
        <div>
          {!chosen && <p className="none">{t('choose_version')}</p>}
          {chosen && !theirs && !error && <p className="row-hint">{t('loading')}</p>}
          {theirs && <>
            {list.length > 1 && <Row label={t('compared_to')} htmlFor="compared-to"><Select id="compared-to" value={other?.id} empty={t('as_it_is')} options={list.filter((one) => one.id !== chosen.id).map((one) => [one.id, t('version_n', { n: one.version })])} onChange={against} /></Row>}
            <h3>{other ? t('between_versions', { n: older.version, m: newer.version }) : t('since_version', { n: chosen.version })}</h3>
            <Changes key={`${chosen.id}${other?.id}`} before={older.content} after={newer ? newer.content : content} call={call} /><p className="row-hint">{t('restore_help')}</p></>}
        </div>
      </div>}
    </Dialog>
  );
}

export function RulesDialog() {
  const editor = useEditor();
  const { t } = editor;
  const rules = useView((state) => state.content.rules || []);
  const first = useView((state) => state.content.fields.length > 0);
  return (
    <Dialog title={t('all_rules')} wide>
      <p className="row-hint">{t('rules_help')}</p>
      {rules.length > 0 ? <ul className="rules">{rules.map((rule) => <RuleCard key={rule.id} rule={rule} />)}</ul> : <p className="none">{t('no_rules_yet')}</p>}
      {first && <div className="starts"><button type="button" className="btn" onClick={() => startRule(editor, 'show', '')}><Icon name="plus" size={16} />{t('new_rule')}</button></div>}
    </Dialog>
  );
}

const KEYS = [['↑ ↓', 'key_arrows'], ['Shift ↑ ↓', 'key_wider'], ['Alt ↑ ↓', 'key_move'], ['Enter', 'key_enter'], ['Esc', 'key_escape'], ['Ctrl Z / Ctrl Y', 'key_undo'], ['Ctrl D', 'key_duplicate'], ['Ctrl C / Ctrl V', 'key_copy'], ['Del', 'key_delete'], ['Ctrl / Shift', 'key_many'], ['/', 'key_find'], ['F6', 'key_area'], ['Ctrl S', 'key_save']];

export function KeysDialog() {
  const { t } = useEditor();
  return <Dialog title={t('shortcuts')}><KeyList rows={KEYS} /></Dialog>;
}

/** Rows [keys, key of their text]; keys stand apart by spaces, a "/" between two ways. */
export function KeyList({ rows }) {
  const { t } = useEditor();
  return <dl className="keys">{rows.map(([keys, words]) => <div key={words}><dt>{keys.split(' ').map((key, at) => (key === '/' && keys !== '/' ? ' / ' : <kbd key={at}>{key}</kbd>))}</dt><dd>{t(words)}</dd></div>)}</dl>;
}

