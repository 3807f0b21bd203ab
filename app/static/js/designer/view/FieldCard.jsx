// One field on the canvas. Only the slot above it takes part in dragging; the body is drawn only when its field, its
// selection or its problems change.
import { memo, useCallback, useEffect, useRef } from 'react';
import * as actions from '../actions.js';
import { Slot, useTake } from '../dnd.jsx';
import { Icon } from '../icons.jsx';
import { doneTo } from '../model/content.js';
import { useEditor, useView } from '../use.js';
import { Face } from './Face.jsx';
import { Table } from './Table.jsx';

const levelOf = (findings, id) => {
  const own = findings.filter((finding) => finding.field === id);
  return ['error', 'warning', 'advice'].find((level) => own.some((finding) => finding.level === level)) || '';
};

export function FieldCard({ field, place, wide = 1, shape, column = false }) {
  const editor = useEditor();
  const selected = useView((state) => state.selection.includes(field.id));
  const lifted = useView((state) => state.carrying === field.id);
  const label = editor.say(field.label);
  const words = useCallback(() => editor.t('before_field', { what: label }), [editor, label]);
  return (
    <div className={`cell${wide > 1 ? ` span-${wide}` : ''}${lifted ? ' lifted' : ''}${column ? ' column' : ''}`}>
      <Slot place={place} words={words} shape={shape} />
      <Body field={field} selected={selected} column={column} />
    </div>
  );
}

/** What a drag of this field carries: all that are selected, if it is one of them. */
function held(editor, field) {
  const kind = editor.kind(field.type);
  const { selection } = editor.state;
  const ids = selection.includes(field.id) ? actions.selectedFields(editor) : [field.id];
  return { id: field.id, label: editor.label(field.id), icon: kind?.icon, ids, count: ids.length, refused: (place) => actions.refusal(editor, { ids }, place), tapped: () => editor.select(field.id) };
}

const Body = memo(function Body({ field, selected, column }) {
  const editor = useEditor();
  const { t } = editor;
  const kind = editor.kind(field.type);
  const level = useView((state) => levelOf(state.findings, field.id));
  const first = useView((state) => state.selection.length === 0 && state.content.fields[0]?.id === field.id);
  const alone = useView((state) => state.selection.length <= 1);
  const lead = useView((state) => state.selection[state.selection.length - 1] === field.id);
  const ruled = useView((state) => doneTo(state.content, field.id).join()); // a text: drawn again only when it changes
  const box = useRef(null);
  const { grip, keys } = useTake(() => box.current, () => held(editor, field));
  const label = editor.say(field.label);
  const typeName = kind ? editor.say(kind.label) : t('type_missing_name');
  useEffect(() => {
    if (lead) box.current?.scrollIntoView({ block: 'nearest' });
  }, [lead]);
  const pick = (event) => {
    event.stopPropagation();
    editor.select(field.id, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only');
    box.current.focus({ preventScroll: true });
  };
  const name = [label || t('unnamed'), typeName, field.required && t('required'), selected && t('selected'), level && t(`level_${level}`)].filter(Boolean).join(t('comma'));
  const bare = kind?.icon === 'consent' || kind?.icon === 'divider';
  return (
    <div
      ref={box} className={`fld${selected ? ' selected' : ''}${level ? ` has-${level}` : ''}`} role="group" aria-label={name} aria-current={selected || undefined}
      data-id={field.id} tabIndex={lead || first ? 0 : -1} onClick={pick} onFocus={(event) => event.target === box.current && !selected && box.current.matches(':focus-visible') && editor.select(field.id)} {...grip}
    >
      <div className="fld-head" onDoubleClick={() => { editor.set({ tab: 'field' }); actions.toLabel(); }}>
        {!bare && <span className="fld-label">{label || <em>{t('unnamed')}</em>}{field.required && <b className="req" aria-hidden="true">*</b>}</span>}
        <span className="fld-marks">
          {ruled && <span className="mark" title={t('by_rule', { what: editor.boot.catalog.actions.filter((one) => ruled.split(',').includes(one.id)).map((one) => editor.say(one.label)).join(t('comma')) })}><Icon name="rules" size={16} /></span>}
          {field.sensitive && <span className="mark" title={t('is_sensitive')}><Icon name="hidden" size={16} /></span>}
          {field.active && <span className="mark" title={t('is_campaign')}><Icon name="date" size={16} /></span>}
          {level && <span className={`mark ${level}`} title={t(`level_${level}`)}><Icon name={level === 'advice' ? 'bulb' : 'alert'} size={16} /></span>}
        </span>
      </div>
      {field.hint && !column && <p className="fld-hint">{editor.say(field.hint)}</p>}
      {kind && field.fields ? <Table field={field} /> : <Face field={field} />}
      {lead && alone && (
        <div className="fld-tools" onClick={(event) => event.stopPropagation()} onMouseDown={(event) => event.stopPropagation()}>
          <button type="button" className="grip" aria-label={t('drag_field', { what: label })} title={t('drag')} {...grip} {...keys}><Icon name="grip" size={18} /></button>
          <button type="button" aria-label={t('duplicate_field', { what: label })} title={t('duplicate')} onClick={() => actions.duplicate(editor)}><Icon name="copy" size={18} /></button>
          <button type="button" aria-label={t('delete_field', { what: label })} title={t('delete')} onClick={() => actions.remove(editor)}><Icon name="trash" size={18} /></button>
        </div>
      )}
    </div>
  );
});
