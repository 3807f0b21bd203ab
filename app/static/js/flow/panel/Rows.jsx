// Rows of a setting (cases, actions, branches, levels …): add, take away, reorder. Ways out keep their ids, so a new name keeps
// its line; a row that goes takes its line along, and what only it led to, which is said beside 撤销.
import { useEditor } from '../../designer/use.js';
import { Icon } from '../icons.jsx';
import { index } from '../model/content.js';
import { portId } from '../model/ids.js';
import { Setting } from './widgets.jsx';
import { applies, isWayOut } from './refs.js';

/** A new row: its way out, the name that its place suggests, and the defaults that must stand there. */
function begin(editor, setting, rows, ports) {
  const row = ports ? { [ports.key]: portId(rows, ports.key, setting.key[0]) } : {};
  for (const one of setting.rows) {
    if (one.key === 'label' && one.widget === 'words') row.label = editor.t('row_n', { n: rows.length + 1 });
    else if (one.required && !one.showIf && one.widget === 'share') row[one.key] = '100%';
    else if (one.required && !one.showIf && one.widget === 'duration') row[one.key] = 'PT30M';
    else if (one.required && !one.showIf && one.widget === 'assignments') row[one.key] = {};
    else if (one.required && !one.showIf && one.widget === 'select') row[one.key] = one.options[0].value;
  }
  return row;
}

export function Rows({ setting, value, onChange, label, path, node }) {
  const editor = useEditor();
  const { t } = editor;
  const rows = Array.isArray(value) ? value : [];
  const kind = editor.kindOf(node.id);
  const ports = setting.rows.find((one) => isWayOut(kind, `${path}[0].${one.key}`));
  const name = (row, at) => (row && editor.say(row.label)) || t('row_n', { n: at + 1 });
  const put = (at, row, key) => onChange(rows.map((one, i) => (i === at ? row : one)), key);
  const add = () => onChange([...rows, begin(editor, setting, rows, ports)]);
  const drop = (at) => {
    const before = editor.content;
    const led = ports && index(before).from.get(node.id)?.get(rows[at]?.[ports.key]);
    onChange(rows.filter((_, i) => i !== at));
    const lost = (before.nodes || []).length - (editor.content.nodes || []).length;
    if (lost > 0) editor.toast(t('row_dropped_steps', { what: name(rows[at], at), n: lost }));
    else if (led) editor.toast(t('row_dropped_line', { what: name(rows[at], at) }));
  };
  const move = (at, by) => {
    const to = at + by;
    if (to < 0 || to >= rows.length) return;
    const next = [...rows];
    next.splice(to, 0, ...next.splice(at, 1));
    onChange(next);
  };
  const keys = (event, at) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    event.stopPropagation();
    move(at, event.key === 'ArrowUp' ? -1 : 1);
  };
  const full = setting.max && rows.length >= setting.max;
  return (
    <div className="rows" role="group" aria-label={label}>
      <ol>
        {rows.map((row, at) => (
          <li key={row?.[ports?.key] ?? at} className="one-row" data-setting={`${path}[${at}]`} onKeyDown={(event) => keys(event, at)}>
            <div className="row-tools">
              <span className="row-no">{t('row_n', { n: at + 1 })}</span>
              <button type="button" className="tool" disabled={at === 0} aria-label={t('move_up_what', { what: name(row, at) })} onClick={() => move(at, -1)}><Icon name="up" size={16} /></button>
              <button type="button" className="tool" disabled={at === rows.length - 1} aria-label={t('move_down_what', { what: name(row, at) })} onClick={() => move(at, 1)}><Icon name="down" size={16} /></button>
              <button type="button" className="tool" disabled={rows.length <= (setting.min || 0)} aria-label={t('take_away', { what: name(row, at) })} onClick={() => drop(at)}><Icon name="trash" size={16} /></button>
            </div>
            {setting.rows.filter((one) => one !== ports && applies(one, row, setting.rows)).map((one) => (
              <Setting key={one.key} setting={one} node={node} row={row} path={`${path}[${at}].${one.key}`} value={row?.[one.key]} onChange={(next, key) => {
                const { [one.key]: _, ...rest } = row || {};
                put(at, next === undefined ? rest : { ...rest, [one.key]: next }, key || one.key);
              }} />
            ))}
          </li>
        ))}
      </ol>
      {!full && <button type="button" className="link" onClick={add}><Icon name="plus" size={16} />{t('row_add')}</button>}
    </div>
  );
}
