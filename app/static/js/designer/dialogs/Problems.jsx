// What the checks found: errors, warnings, advice; each leads to its place and may bring its repair.
import * as actions from '../actions.js';
import { Icon } from '../icons.jsx';
import { at } from '../model/patch.js';
import { settingOf } from '../model/places.js';
import { unfinished } from '../model/rules.js';
import { useEditor, useView } from '../use.js';

const ruleOf = (content, finding) => content.rules?.[Number(finding.where?.match(/^rules\[(\d+)\]/)?.[1])];

/** The selection that shows a finding's place: its field, else the rule or section its path names. */
export function goTo(editor, finding) {
  const path = finding.where || '';
  const [, list, index] = path.match(/^(rules|sections|fields)\[(\d+)\]/) || [];
  const found = list && at(editor.content, `/${list}/${index}`);
  if (list === 'rules' && found) {
    editor.set({ dialog: { name: 'rules' }, ruleId: found.id });
    return;
  }
  const id = finding.field && editor.exists(finding.field) ? finding.field : found?.id;
  editor.set({ dialog: null, tab: 'field' });
  editor.select(id || null);
  actions.toSetting(settingOf(path), id);
}

/** Findings that a window of its own helps with. */
const WINDOWS = { form_text_language: { name: 'languages', words: (editor) => editor.t('fill_language', { language: editor.content.locales.slice(1).map((locale) => editor.t(`locale_${locale}`)).join(editor.t('comma')) }) } };

/** What is said again before publishing: warnings, and what a window helps with at once. */
export const needsALook = (finding) => finding.level === 'warning' || finding.code in WINDOWS;

export function Finding({ finding }) {
  const editor = useEditor();
  const rule = ruleOf(editor.content, finding);
  const open = Boolean(rule && unfinished(rule)); // its faults are only what is not written yet
  return (
    <li className={`finding ${finding.level}`}>
      <button type="button" className="finding-words" onClick={() => goTo(editor, finding)}>
        <Icon name={finding.level === 'advice' ? 'bulb' : 'alert'} size={18} />
        <span>{finding.field && editor.exists(finding.field) && <b>{editor.label(finding.field)}</b>}{open ? editor.t('rule_open') : finding.message}</span>
      </button>
      {WINDOWS[finding.code] && <button type="button" className="btn small" onClick={() => editor.open({ name: WINDOWS[finding.code].name })}><Icon name="pen" size={16} />{WINDOWS[finding.code].words(editor)}</button>}
      {finding.repair && !open && <button type="button" className="btn small" onClick={() => actions.repair(editor, finding)}><Icon name="wand" size={16} />{editor.say(finding.repair.label)}</button>}
    </li>
  );
}

export function ProblemsPanel() {
  const editor = useEditor();
  const { t } = editor;
  const findings = useView((state) => state.findings);
  const close = () => editor.set({ dialog: null });
  const order = ['error', 'warning', 'advice'];
  return (
    <section className="drawer" aria-label={t('problems')} onKeyDown={(event) => event.key === 'Escape' && close()}>
      <header><h2>{t('problems')}</h2><button type="button" className="tool" aria-label={t('close')} onClick={close}><Icon name="close" /></button></header>
      {findings.length === 0 && <p className="none"><Icon name="check" />{t('no_problems')}</p>}
      {order.map((level) => {
        const some = findings.filter((finding) => finding.level === level);
        return some.length > 0 && <div key={level}><h3>{t(`level_${level}`)} {some.length}</h3><ul className="findings">{some.map((finding, index) => <Finding key={index} finding={finding} />)}</ul>{level === 'error' && <p className="row-hint">{t('checked_on')}</p>}</div>;
      })}
    </section>
  );
}
