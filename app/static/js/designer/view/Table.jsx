// A sub-table on the canvas: its columns side by side, and a place for more.
import { memo, useCallback } from 'react';
import { Slot, useZone } from '../dnd.jsx';
import { useEditor } from '../use.js';
import { FieldCard } from './FieldCard.jsx';

export const Table = memo(function Table({ field }) {
  const editor = useEditor();
  const place = { card: field.section || '', table: field.id, before: null };
  const zone = useZone(place);
  const label = editor.say(field.label);
  const words = useCallback(() => editor.t('end_of', { what: label }), [editor, label]);
  return (
    <div ref={zone} className="tbl">
      {field.fields.map((column) => <FieldCard key={column.id} field={column} place={{ ...place, before: column.id }} shape="across" column />)}
      <div className="tbl-end">
        <Slot place={place} words={words} shape="across" />
        <span>{field.fields.length ? editor.t('drop_column') : editor.t('drop_columns')}</span>
      </div>
    </div>
  );
});
