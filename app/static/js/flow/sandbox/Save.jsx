// Keeping a scenario: its name, and what is checked before each publishing, as sentences with a tick each.
import { useId, useState } from 'react';
import { Icon } from '../icons.jsx';
import { useEditor } from '../../designer/use.js';
import { freeName, without } from './model.js';
import { usePlayed, usePlayer } from './use.js';

export function Save({ onDone }) {
  const editor = useEditor();
  const player = usePlayer();
  const { t } = editor;
  const { stage, draft, open, busy, said } = usePlayed();
  const kept = open >= 0 && draft.expect && Object.keys(draft.expect).length > 0;
  const [source, setSource] = useState(kept ? 'kept' : 'happened');
  const [off, setOff] = useState(() => new Set());
  const others = player.scenarios.filter((_, at) => at !== open).map((one) => one.name);
  const [name, setName] = useState(draft.name || freeName(others, suggested(editor, stage)));
  const id = useId();
  const rows = source === 'kept' ? stage.expected : stage.happened_words;
  const failed = new Set(source === 'kept' ? stage.failures.map((one) => one.where) : []);
  const key = (row) => `${row.part}.${row.key}`;
  const turn = (row) => setOff((before) => new Set(before.has(key(row)) ? [...before].filter((one) => one !== key(row)) : [...before, key(row)]));
  const save = async (event) => {
    event.preventDefault();
    let expect = source === 'kept' ? draft.expect : stage.happened;
    // from behind, so that places in a list stay what they are
    for (const row of [...rows].reverse()) if (off.has(key(row))) expect = without(expect, row.part, row.key);
    if (await player.save({ ...draft, name: name.trim(), expect })) onDone();
  };
  return (
    <form className="sb-save" onSubmit={save}>
      <div className="sb-field"><label htmlFor={id}>{t('sb_name')}</label><input id={id} className="in" value={name} maxLength={120} required onChange={(event) => setName(event.target.value)} /></div>
      <fieldset><legend>{t('sb_expected')}<em> {t('sb_expected_help')}</em></legend>
        {rows.length === 0 && <p className="sb-quiet">{t('sb_nothing_expected')}</p>}
        {rows.map((row) => <label key={key(row)} className="tick"><input type="checkbox" checked={!off.has(key(row))} onChange={() => turn(row)} /><span>{row.words}{failed.has(`expect.${row.key === null || Array.isArray(draft.expect?.[row.part]) ? row.part : key(row)}`) && <em className="bad"> <Icon name="close" size={14} />{t('sb_fail')}</em>}</span></label>)}
        {source === 'kept' && <button type="button" className="link" onClick={() => { setSource('happened'); setOff(new Set()); }}>{t('sb_expect_happened')}</button>}
      </fieldset>
      {said && !said.ok && <p className="sb-wrong" role="alert">{said.words}</p>}
      <div className="sb-acts"><button type="submit" className="btn primary" disabled={busy || !name.trim()}>{t(open >= 0 ? 'sb_save_changes' : 'sb_save')}</button><button type="button" className="btn quiet" onClick={onDone}>{t('cancel')}</button></div>
    </form>
  );
}

/** A name from where it began and how it ended. */
function suggested(editor, stage) {
  const path = stage.happened.path || [];
  const ends = path.length > 1 ? editor.label(path[path.length - 1]) : '';
  return [path.length ? editor.label(path[0]) : '', ends].filter(Boolean).join(' → ').slice(0, 110) || editor.t('sb_new_name');
}
