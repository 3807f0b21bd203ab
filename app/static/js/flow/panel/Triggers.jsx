// What triggers that fill a form in themselves are set to: the form's own fields, ticket types, fields of another type's form;
// and what a step that looks something up goes by.
import { Select } from '../../designer/panel/inputs.jsx';
import { everyField } from '../../designer/model/content.js';
import { useEditor } from '../../designer/use.js';
import { useLens } from '../lens.jsx';

const DATES = ['date', 'datetime'];

/** A field of the form that can be filled in: `form.f_x`. */
export function FormField({ id, label, value, onChange }) {
  const editor = useEditor();
  const lens = useLens();
  const fields = everyField(lens.content).filter(({ field, parent }) => !parent && lens.kind(field.type)?.asked && !lens.kind(field.type).uploads && lens.kind(field.type).value_type !== 'rows');
  const options = fields.map(({ field }) => [`form.${field.id}`, lens.label(field.id)]);
  return <Select id={id} label={label} value={value ?? undefined} empty={editor.t('please_choose')} options={options} onChange={onChange} />;
}

/** A ticket type that is in use. */
export function TicketType({ id, label, value, onChange }) {
  const editor = useEditor();
  const options = (editor.boot.company.ticket_types || []).map((one) => [one.key, editor.say(one.name)]);
  return <Select id={id} label={label} value={value ?? undefined} empty={editor.t('please_choose')} options={options} onChange={onChange} />;
}

/** A field of the form that another ticket type works with; the type stands at `type_at` of the step's settings. */
export function OtherField({ id, label, setting, node, value, onChange }) {
  const editor = useEditor();
  const key = setting.type_at.split('.').reduce((part, name) => part?.[name], node.config);
  const type = (editor.boot.company.ticket_types || []).find((one) => one.key === key);
  const fields = (type?.fields || []).filter((one) => !setting.dates || DATES.includes(one.type));
  return <Select id={id} label={label} value={value ?? undefined} empty={editor.t('please_choose')} options={fields.map((one) => [one.id, editor.say(one.label)])} onChange={onChange} />;
}

/** A column of a table of the company; the table stands at `source_at` of the step's settings. */
export function ColumnOf({ id, label, setting, node, value, onChange }) {
  const editor = useEditor();
  const table = editor.boot.company.sources.find((one) => one.key === node.config[setting.source_at]);
  return <Select id={id} label={label} value={value ?? setting.default ?? undefined} options={(table?.names || []).map((one) => [one.key, editor.say(one.title)])} onChange={onChange} />;
}
