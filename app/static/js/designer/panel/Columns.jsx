// Columns of a sub-table: the list in the panel, from which one is opened, moved or added.
import { useState } from 'react';
import { Icon } from '../icons.jsx';
import { insertFields, newField, nudge } from '../model/edits.js';
import { useEditor } from '../use.js';
import { Row, Select } from './inputs.jsx';

export function Columns({ field, setting }) {
  const editor = useEditor();
  const { t } = editor;
  const kinds = editor.boot.catalog.types.filter((kind) => kind.in_rows).map((kind) => [kind.type, editor.say(kind.label)]);
  const [type, setType] = useState(kinds[0]?.[0]);
  const add = () => {
    const kind = editor.kind(type);
    const column = newField(editor.content, kind, editor.say(kind.label));
    editor.edit(t('did_add', { what: editor.say(kind.label) }), insertFields(editor.content, [column], { card: '', table: field.id, before: null }));
  };
  const move = (column, by) => editor.edit(t('did_move', { what: editor.say(column.label) }), (content) => nudge(content, column.id, by, []));
  const keys = (event, column) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(column, event.key === 'ArrowUp' ? -1 : 1);
  };
  return (
    <Row label={editor.say(setting.label)}>
      <ol className="columns-list">
        {field[setting.key].map((column) => (
          <li key={column.id} onKeyDown={(event) => keys(event, column)}>
            <button type="button" className="name" onClick={() => editor.select(column.id)}><Icon name={editor.kind(column.type)?.icon} size={16} />{editor.say(column.label) || t('unnamed')}</button>
            <button type="button" className="tool" tabIndex={-1} aria-label={t('move_up_what', { what: editor.say(column.label) })} onClick={() => move(column, -1)}><Icon name="up" size={16} /></button>
            <button type="button" className="tool" tabIndex={-1} aria-label={t('move_down_what', { what: editor.say(column.label) })} onClick={() => move(column, 1)}><Icon name="down" size={16} /></button>
          </li>
        ))}
      </ol>
      <div className="pair">
        <Select label={t('column_type')} value={type} onChange={setType} options={kinds} />
        <button type="button" className="btn" onClick={add}><Icon name="plus" size={16} />{t('add_column')}</button>
      </div>
    </Row>
  );
}
