// Who: selectors that read as words, one card each; they are joined.
import { Select } from '../../designer/panel/inputs.jsx';
import { useEditor } from '../../designer/use.js';
import { Icon } from '../icons.jsx';
import { persons, sourced, useLens } from '../lens.jsx';

const KINDS = ['role', 'person', 'department', 'ref', 'leader_of'];
const kindOf = (entry) => KINDS.find((kind) => entry && typeof entry === 'object' && kind in entry) || 'role';

export function People({ value, onChange, label }) {
  const { t } = useEditor();
  const entries = Array.isArray(value) ? value : [];
  const put = (at, entry) => {
    const next = entries.map((one, index) => (index === at ? entry : one)).filter(Boolean);
    onChange(next.length ? next : []);
  };
  return (
    <div className="who" role="group" aria-label={label}>
      {entries.map((entry, at) => <Selector key={at} entry={entry} n={at + 1} onChange={(next) => put(at, next)} />)}
      <button type="button" className="link" onClick={() => onChange([...entries, { role: '' }])}><Icon name="plus" size={16} />{t(entries.length ? 'who_more' : 'who_add')}</button>
    </div>
  );
}

function Selector({ entry, n, onChange }) {
  const editor = useEditor();
  const { t } = editor;
  const lens = useLens();
  const kind = kindOf(entry);
  const lists = useLists(lens);
  const value = entry?.[kind] || undefined;
  const turn = (next) => onChange({ [next]: lists[next].length === 1 ? lists[next][0][0] : '' });
  const stores = sourced(lens);
  const known = !value || lists[kind].some(([key]) => key === value);
  return (
    <div className="who-one">
      <div className="who-line">
        <Select label={t('who_kind', { n })} value={kind} options={KINDS.map((one) => [one, t(`who_${one}`)])} onChange={(next) => next && next !== kind && turn(next)} />
        <button type="button" className="tool" aria-label={t('who_drop', { n })} title={t('who_drop', { n })} onClick={() => onChange(null)}><Icon name="close" size={16} /></button>
      </div>
      <Select label={t('who_which', { n })} value={value} empty={t('please_choose')} options={lists[kind]} onChange={(next) => onChange({ ...entry, [kind]: next ?? '' })} />
      {!known && <p className="row-error"><Icon name="alert" size={16} />{t('who_unknown')}</p>}
      {kind === 'role' && (stores.length > 0 || entry?.of) && <Select label={t('who_scope', { n })} value={entry?.of} empty={t('who_everywhere')} options={stores.map(([path, words]) => [path, t('who_of', { field: words })])} onChange={(of) => {
        const { of: _, ...rest } = entry;
        onChange(of ? { ...rest, of } : rest);
      }} />}
    </div>
  );
}

function useLists(lens) {
  const editor = useEditor();
  const { t, boot } = editor;
  const { company } = boot;
  const owner = [['ticket.owner', t('ticket_owner')], ...persons(lens)];
  const departments = company.departments.map((one) => [one.key, editor.say(one.name)]);
  return {
    role: company.roles.map((role) => [role.key, role.holders ? editor.say(role.name) : t('role_empty', { name: editor.say(role.name) })]),
    person: company.people.map((one) => [one.id, one.name]),
    department: departments,
    ref: owner,
    leader_of: [...owner, ...departments],
  };
}
