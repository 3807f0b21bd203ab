// The rehearsal in the dock: where nobody would be found, what a busy day would do, where real tickets stand.
import { useEffect } from 'react';
import { Icon } from '../icons.jsx';
import { useEditor } from '../../designer/use.js';
import { Gaps } from './Gaps.jsx';
import { Now } from './Now.jsx';
import { BusyDay } from './BusyDay.jsx';
import { Rehearsal } from './rehearsal.js';
import { RehearsalContext, useRehearsal, useRehearsed } from './use.js';

const ROOMS = { gaps: Gaps, load: BusyDay, now: Now };

export function Load({ call }) {
  const editor = useEditor();
  editor.rehearsal ||= new Rehearsal(editor, call);
  const { rehearsal } = editor;
  useEffect(() => {
    rehearsal.fill();
    rehearsal.light();
    return () => rehearsal.dark();
  }, [rehearsal]);
  return <RehearsalContext value={rehearsal}><Rooms /></RehearsalContext>;
}

function Rooms() {
  const editor = useEditor();
  const { t } = editor;
  const rehearsal = useRehearsal();
  const { room, error } = useRehearsed();
  const Room = ROOMS[room];
  return (
    <div className="ld">
      <header className="ld-head">
        <h2>{t('load')}</h2>
        <div className="segments" role="group" aria-label={t('ld_rooms')}>
          {Object.keys(ROOMS).map((key) => <button key={key} type="button" aria-pressed={room === key} onClick={() => rehearsal.enter(key)}>{t(`ld_${key}`)}</button>)}
        </div>
        <span className="top-gap" />
        <button type="button" className="tool" aria-label={t('close')} onClick={() => editor.set({ dock: null })}><Icon name="close" /></button>
      </header>
      {error && error.room === room && <Refusal error={error} />}
      <Room />
    </div>
  );
}

function Refusal({ error }) {
  const editor = useEditor();
  const { t } = editor;
  const rehearsal = useRehearsal();
  return (
    <div className="ld-error" role="alert"><Icon name="alert" size={18} /><p>{error.flow ? t('ld_broken') : error.message}</p>
      {error.flow ? <button type="button" className="btn small" onClick={() => editor.set({ dock: 'problems' })}>{t('ld_see_problems')}</button> : <button type="button" className="btn small" onClick={() => rehearsal.fill(true)}>{t('ld_again')}</button>}
    </div>
  );
}
