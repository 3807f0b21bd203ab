// The rules a field or section takes part in, and the ways to begin a new one for it.
import { Icon } from '../icons.jsx';
import { rulesAbout } from '../model/content.js';
import { addRule } from '../model/rules.js';
import { useEditor, useView } from '../use.js';
import { RuleCard } from './RuleCard.jsx';

export function startRule(editor, action, target) {
  const made = addRule(editor.content, { when: { all: [{ ref: '', op: 'eq' }] }, then: [{ do: action, target, ...(action === 'error' ? { message: '' } : {}) }] });
  editor.edit(editor.t('did_add', { what: editor.t('rule') }), made.content);
  editor.set({ ruleId: made.id });
}

export function FieldRules({ field }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const kind = field.type && editor.kind(field.type);
  const column = field.type && !content.fields.some((one) => one.id === field.id);
  const about = rulesAbout(content, field.id);
  const starts = kind ? ['show', ...(kind.asked ? ['require', 'set'] : []), ...(kind.stored ? ['error'] : [])].filter((action) => action !== 'set' || (!kind.uploads && kind.value_type !== 'rows')) : ['show', 'require'];
  if (column) return <p className="none">{t('column_rules')}</p>;
  return (
    <>
      {about.length > 0 ? <ul className="rules">{about.map((rule) => <RuleCard key={rule.id} rule={rule} />)}</ul> : <p className="none">{t('no_rules')}</p>}
      <div className="starts">
        {starts.map((action) => <button key={action} type="button" className="btn" onClick={() => startRule(editor, action, field.id)}><Icon name="plus" size={16} />{t(`start_${action}`)}</button>)}
      </div>
    </>
  );
}
