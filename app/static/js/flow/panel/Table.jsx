// A decision table: dimensions, and rows that say what each must be and who gets the ticket then.
import { Row, Ticks, Tokens } from '../../designer/panel/inputs.jsx';
import { find, optionsOf } from '../../designer/model/content.js';
import { references } from '../../designer/rules/asking.js';
import { useEditor } from '../../designer/use.js';
import { Icon } from '../icons.jsx';
import { useLens } from '../lens.jsx';
import { People } from './People.jsx';
import { Setting } from './widgets.jsx';

export function Table({ setting, value, onChange, path, node }) {
  const editor = useEditor();
  const { t } = editor;
  const lens = useLens();
  const table = value && typeof value === 'object' ? value : {};
  const columns = Array.isArray(table.columns) ? table.columns : [];
  const lines = Array.isArray(table.rows) ? table.rows : [];
  const words = new Map(references(lens, lens.content, null).flatMap(([, refs]) => refs));
  const part = (key) => setting.keys.find((one) => one.key === key);
  const name = (column, at) => [words.get(column?.ref), column?.attr].filter(Boolean).join(' · ') || t('table_column_n', { n: at + 1 });
  const cells = (line, count) => Array.from({ length: count }, (_, at) => line?.is?.[at] || []);
  const put = (changes, key) => onChange({ columns, rows: lines, ...table, ...changes }, key);
  const dimension = (next, key) => {
    // a dimension that goes takes its cells along: those before it stay where they are
    const kept = next.map((column) => columns.findIndex((old) => old === column || (old?.ref === column?.ref && old?.attr === column?.attr)));
    const same = next.length === columns.length;
    put({ columns: next, rows: lines.map((line) => ({ ...line, is: next.map((_, at) => line?.is?.[same ? at : kept[at]] || []) })) }, key);
  };
  const line = (at, changes) => put({ rows: lines.map((one, i) => (i === at ? { ...one, ...changes } : one)) });
  const move = (at, by) => {
    const next = [...lines];
    next.splice(at + by, 0, ...next.splice(at, 1));
    put({ rows: next });
  };
  return (
    <div className="decision">
      <Setting setting={part('columns')} node={node} path={`${path}.columns`} value={columns} onChange={dimension} />
      <Setting setting={part('match')} node={node} path={`${path}.match`} value={table.match} onChange={(match) => put({ match })} />
      <p className="group-name">{editor.say(part('rows').label)}</p>
      <ol className="rows">
        {lines.map((one, at) => (
          <li key={at} className="one-row" data-setting={`${path}.rows[${at}]`}>
            <div className="row-tools">
              <span className="row-no">{t('row_n', { n: at + 1 })}</span>
              <button type="button" className="tool" disabled={at === 0} aria-label={t('move_up_what', { what: t('row_n', { n: at + 1 }) })} onClick={() => move(at, -1)}><Icon name="up" size={16} /></button>
              <button type="button" className="tool" disabled={at === lines.length - 1} aria-label={t('move_down_what', { what: t('row_n', { n: at + 1 }) })} onClick={() => move(at, 1)}><Icon name="down" size={16} /></button>
              <button type="button" className="tool" aria-label={t('take_away', { what: t('row_n', { n: at + 1 }) })} onClick={() => put({ rows: lines.filter((_, i) => i !== at) })}><Icon name="trash" size={16} /></button>
            </div>
            {columns.map((column, n) => <Row key={n} label={name(column, n)}><Cell column={column} label={t('table_cell', { what: name(column, n), n: at + 1 })} value={one?.is?.[n]} onChange={(next) => line(at, { is: cells(one, columns.length).map((cell, i) => (i === n ? next || [] : cell)) })} /></Row>)}
            <Row label={t('table_to')}><People label={t('table_to')} value={one?.to} onChange={(to) => line(at, { to })} /></Row>
          </li>
        ))}
      </ol>
      <button type="button" className="link" onClick={() => put({ rows: [...lines, { is: columns.map(() => []), to: [] }] })}><Icon name="plus" size={16} />{t('row_add')}</button>
      <Setting setting={part('otherwise')} node={node} path={`${path}.otherwise`} value={table.otherwise} onChange={(otherwise) => put({ otherwise })} />
    </div>
  );
}

/** What a cell lets through; nothing: everything. A field with options offers them, other things are written. */
function Cell({ column, value, onChange, label }) {
  const { t } = useEditor();
  const lens = useLens();
  const [root, id] = String(column?.ref || '').split('.');
  const field = root === 'form' && !column.attr ? find(lens.content, id)?.field : null;
  const options = field && optionsOf(lens.content, field);
  if (options) return <Ticks label={label} value={value} options={options.map((one) => [one.id, lens.say(one.label)])} onChange={onChange} />;
  return <Tokens label={label} value={value} placeholder={t('table_any')} onChange={onChange} />;
}
