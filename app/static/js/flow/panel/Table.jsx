// A decision table: what decides (any number of dimensions), and rows of cells that lead to people. An empty cell lets
// everything through. Rows keep as many cells as there are dimensions, whatever is added or taken away.
import { everyField, optionsOf } from '../../designer/model/content.js';
import { Select, Tokens } from '../../designer/panel/inputs.jsx';
import { asked, references } from '../../designer/rules/asking.js';
import { useEditor, useView } from '../../designer/use.js';
import { Icon } from '../icons.jsx';
import { useLens } from '../lens.jsx';
import { People } from './People.jsx';
import { liesIn } from './refs.js';
import { Setting } from './widgets.jsx';

const AT = '#'; // between a reference and a column of what it was chosen from
const code = (column) => (column?.attr ? `${column.ref}${AT}${column.attr}` : column?.ref || '');
const column = (text) => {
  const [ref, attr] = text.split(AT);
  return attr ? { ref, attr } : { ref };
};

/** What can decide: [[path, words]]; of fields that are chosen from a table also its columns. */
function dimensions(lens, t) {
  const plain = references(lens, lens.content, null).flatMap(([, refs]) => refs);
  const cells = everyField(lens.content).filter(({ field, parent }) => !parent && typeof field.source === 'string').flatMap(({ field }) => {
    const table = lens.boot.sources.find((one) => one.key === field.source);
    return (table?.columns || []).map((one) => [`form.${field.id}${AT}${one.key}`, t('table_column_of', { field: lens.label(field.id), column: lens.say(one.title) })]);
  });
  return [...plain, ...cells];
}

/** What a dimension can hold, where that is listed: [[value, words]]; null where it is open. */
function listed(lens, one) {
  if (!one?.ref) return null;
  if (one.attr) {
    const field = everyField(lens.content).find(({ field: known, parent }) => !parent && `form.${known.id}` === one.ref)?.field;
    const found = lens.boot.sources.find((table) => table.key === field?.source)?.columns?.find((known) => known.key === one.attr);
    return found?.choices?.length ? found.choices.map((value) => [value, value]) : null;
  }
  const about = asked(lens, lens.content, one.ref);
  const options = about?.field && optionsOf(lens.content, about.field);
  return options?.length ? options.map((option) => [option.id, lens.say(option.label)]) : null;
}

export function Table({ setting, node, path, value, onChange }) {
  const editor = useEditor();
  const { t } = editor;
  const lens = useLens();
  const findings = useView((state) => state.findings.filter((one) => one.node === node.id && one.field?.startsWith(path)));
  const table = value || {};
  const columns = Array.isArray(table.columns) ? table.columns : [];
  const rows = Array.isArray(table.rows) ? table.rows : [];
  const known = dimensions(lens, t);
  const words = (one) => known.find(([key]) => key === code(one))?.[1] || code(one);
  const put = (changes) => onChange({ columns, rows, ...table, ...changes });
  const cells = (row) => columns.map((_, at) => (Array.isArray(row?.is?.[at]) ? row.is[at] : []));
  const turn = (at, text) => put({ columns: columns.map((one, i) => (i === at ? column(text) : one)), rows: rows.map((row) => ({ ...row, is: cells(row).map((cell, i) => (i === at ? [] : cell)) })) });
  const drop = (at) => put({ columns: columns.filter((_, i) => i !== at), rows: rows.map((row) => ({ ...row, is: cells(row).filter((_, i) => i !== at) })) });
  const add = (text) => text && put({ columns: [...columns, column(text)], rows: rows.map((row) => ({ ...row, is: [...cells(row), []] })) });
  const row = (at, changes) => put({ rows: rows.map((one, i) => (i === at ? { ...one, is: cells(one), ...changes } : one)) });
  const move = (at, by) => {
    const next = [...rows];
    next.splice(at + by, 0, ...next.splice(at, 1));
    put({ rows: next });
  };
  const said = (at) => findings.filter((one) => liesIn(one.field, at)).map((one) => <p key={one.message} className={`row-error ${one.level}`}><Icon name="alert" size={16} /><span>{one.message}</span></p>);
  const rest = (setting.keys || []).filter((key) => key.key === 'match' || key.key === 'otherwise');
  return (
    <div className="rows table" role="group" aria-label={editor.say(setting.label)}>
      <p className="group-name">{t('table_columns')}</p>
      {columns.map((one, at) => (
        <div key={at} data-setting={`${path}.columns[${at}]`}>
          <div className="who-line">
            <Select label={t('table_column_n', { n: at + 1 })} value={code(one)} options={known.some(([key]) => key === code(one)) ? known : [[code(one), code(one)], ...known]} onChange={(next) => next && turn(at, next)} />
            <button type="button" className="tool" aria-label={t('take_away', { what: words(one) })} onClick={() => drop(at)}><Icon name="close" size={16} /></button>
          </div>
          {said(`${path}.columns[${at}]`)}
        </div>
      ))}
      <Select label={t('table_column_add')} value={undefined} empty={t('table_column_add')} options={known.filter(([key]) => !columns.some((one) => code(one) === key))} onChange={add} />
      {said(`${path}.columns`).length > 0 && !columns.length && said(`${path}.columns`)}
      <ol>
        {rows.map((one, at) => (
          <li key={at} className="one-row" data-setting={`${path}.rows[${at}]`}>
            <div className="row-tools">
              <span className="row-no">{t('row_n', { n: at + 1 })}</span>
              <button type="button" className="tool" disabled={at === 0} aria-label={t('move_up_what', { what: t('row_n', { n: at + 1 }) })} onClick={() => move(at, -1)}><Icon name="up" size={16} /></button>
              <button type="button" className="tool" disabled={at === rows.length - 1} aria-label={t('move_down_what', { what: t('row_n', { n: at + 1 }) })} onClick={() => move(at, 1)}><Icon name="down" size={16} /></button>
              <button type="button" className="tool" aria-label={t('take_away', { what: t('row_n', { n: at + 1 }) })} onClick={() => put({ rows: rows.filter((_, i) => i !== at) })}><Icon name="trash" size={16} /></button>
            </div>
            {columns.map((dimension, i) => (
              <div key={code(dimension) + i} className="table-cell"><span className="table-of">{words(dimension)}</span>
                <Cell label={t('table_cell', { n: at + 1, what: words(dimension) })} choices={listed(lens, dimension)} value={cells(one)[i]} onChange={(next) => row(at, { is: cells(one).map((cell, j) => (j === i ? next : cell)) })} />
              </div>
            ))}
            <div className="table-cell"><span className="table-of">{t('table_to')}</span><People label={t('table_to')} value={one?.to} onChange={(to) => row(at, { to })} /></div>
            {said(`${path}.rows[${at}]`)}
          </li>
        ))}
      </ol>
      <button type="button" className="link" onClick={() => put({ rows: [...rows, { is: columns.map(() => []), to: [] }] })}><Icon name="plus" size={16} />{t('table_row_add')}</button>
      {rest.map((key) => <Setting key={key.key} setting={key} node={node} path={`${path}.${key.key}`} value={table[key.key]} onChange={(next) => {
        const { [key.key]: _, ...others } = { columns, rows, ...table };
        onChange(next === undefined ? others : { ...others, [key.key]: next });
      }} />)}
    </div>
  );
}

/** One cell: values out of a list, or typed. */
function Cell({ label, choices, value, onChange }) {
  const { t } = useEditor();
  if (!choices) return <Tokens label={label} value={value} placeholder={t('table_range')} onChange={(next) => onChange(next || [])} />;
  const name = (one) => choices.find(([key]) => key === one)?.[1] || one;
  return (
    <div className="tokens" role="group" aria-label={label}>
      {value.map((one) => <span key={one} className="token">{name(one)}<button type="button" aria-label={t('take_away', { what: name(one) })} onClick={() => onChange(value.filter((other) => other !== one))}><Icon name="close" size={14} /></button></span>)}
      <Select label={label} value={undefined} empty={t(value.length ? 'table_add_value' : 'table_any')} options={choices.filter(([key]) => !value.includes(key))} onChange={(next) => next && onChange([...value, next])} />
    </div>
  );
}
