// Options of a choice: its own, a set that several fields share, or sets that follow another answer.
import { useRef, useState } from 'react';
import { Icon } from '../icons.jsx';
import { find, optionsOf } from '../model/content.js';
import { setField, setForm } from '../model/edits.js';
import { freshId } from '../model/ids.js';
import { addOptions, dropOption, moveOption, pastedLabels, setOption, withoutExamples } from '../model/options.js';
import { useEditor, useView } from '../use.js';
import { localesOf, wordsIn } from '../view/LineWords.jsx';
import { words } from '../words.js';
import { Row, Select, Words } from './inputs.jsx';

const EXAMPLE = new RegExp(`^(${words.option_n.map((text) => text.replace('{n}', '\\d+')).join('|')})$`);

/** A list of options to edit. `onChange(options, key)`: `key` joins typing in one label to one step. */
export function OptionList({ options, onChange, name }) {
  const editor = useEditor();
  const { t } = editor;
  const [pasting, setPasting] = useState(false);
  const published = useView((state) => state.publishedIds);
  const list = useRef(null);
  const touched = withoutExamples(options, EXAMPLE, published); // many lines pasted take the place of the examples
  const locales = localesOf(editor.content);
  const focus = (at) => requestAnimationFrame(() => list.current?.querySelectorAll('li input.in')[at * locales.length]?.focus());
  const add = (labels, at = options.length, others = options) => {
    const made = addOptions([], labels.length ? labels : ['']).map((option) => ({ ...option, id: freshId('o_', /^[\x20-\x7e]+$/.test(option.label) ? option.label : '', new Set(options.map((one) => one.id))) }));
    onChange([...others.slice(0, at), ...made, ...others.slice(at)]);
    focus(at + made.length - 1);
  };
  const onKeyDown = (event, option, at) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      add([], at + 1);
    } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      event.stopPropagation();
      const to = at + (event.key === 'ArrowUp' ? -1 : 1);
      onChange(moveOption(options, option.id, to));
      focus(Math.min(Math.max(to, 0), options.length - 1));
    } else if (event.key === 'Backspace' && !event.target.value && options.length > 1) {
      event.preventDefault();
      onChange(dropOption(options, option.id, published?.has(option.id) ?? true));
      focus(Math.max(at - 1, 0));
    }
  };
  const marked = ({ target }, option) => target.matches('input') && !touched.includes(option) && target.select(); // the next thing typed is its name
  const onPaste = (event, at) => {
    const text = event.clipboardData.getData('text/plain');
    if (!/[\r\n]/.test(text.trim())) return;
    event.preventDefault();
    const labels = pastedLabels(text, touched.map((option) => wordsIn(option.label, locales[0], locales)));
    if (labels.length) add(labels, touched.indexOf(options[at]) < 0 ? touched.length : event.target.value ? touched.indexOf(options[at]) + 1 : touched.indexOf(options[at]), touched);
  };
  return (
    <div className="options" role="group" aria-label={name}>
      <ol ref={list}>
        {options.map((option, at) => (
          <li key={option.id} className={option.archived ? 'archived' : ''} onKeyDown={(event) => event.target.tagName === 'INPUT' && onKeyDown(event, option, at)} onPaste={(event) => onPaste(event, at)} onClick={(event) => marked(event, option)}>
            <Words label={t('option_n', { n: at + 1 })} value={option.label} onChange={(label) => onChange(setOption(options, option.id, { label: label ?? '' }), `${option.id}.label`)} />
            <button type="button" className="tool" tabIndex={-1} disabled={!at} aria-label={t('move_up_what', { what: at + 1 })} onClick={() => onChange(moveOption(options, option.id, at - 1))}><Icon name="up" size={16} /></button>
            <button type="button" className="tool" tabIndex={-1} disabled={at === options.length - 1} aria-label={t('move_down_what', { what: at + 1 })} onClick={() => onChange(moveOption(options, option.id, at + 1))}><Icon name="down" size={16} /></button>
            <button type="button" className="tool" onClick={() => onChange(dropOption(options, option.id, published?.has(option.id) ?? true))}
              {...dropWords(t, option, published?.has(option.id) ?? true, editor.say(option.label))}>{(published?.has(option.id) ?? true) ? t(option.archived ? 'bring_back' : 'archive') : <Icon name="trash" size={16} />}</button>
          </li>
        ))}
      </ol>
      <div className="acts">
        <button type="button" className="link" onClick={() => add([])}><Icon name="plus" size={16} />{t('add_option')}</button>
        <button type="button" className="link" aria-expanded={pasting} onClick={() => setPasting(!pasting)}>{t('many_options')}</button>
      </div>
      {pasting && <ManyLines onAdd={(text) => {
        add(pastedLabels(text, touched.map((option) => wordsIn(option.label, locales[0], locales))), touched.length, touched);
        setPasting(false);
      }} />}
      {options.some((option) => option.archived) && <p className="row-hint">{t('archived_help')}</p>}
    </div>
  );
}

function dropWords(t, option, published, what) {
  const words = t(option.archived ? 'take_back' : published ? 'archive_option' : 'delete_option', { what });
  return { 'aria-label': words, title: words };
}

function ManyLines({ onAdd }) {
  const { t } = useEditor();
  const [text, setText] = useState('');
  return (
    <div className="many">
      <textarea className="in" rows={5} autoFocus aria-label={t('many_options_how')} placeholder={t('many_options_how')} value={text} maxLength={20_000} onChange={(event) => setText(event.target.value)} />
      <button type="button" className="btn" disabled={!pastedLabels(text).length} onClick={() => onAdd(text)}>{t('add_n', { n: pastedLabels(text).length })}</button>
    </div>
  );
}

/** The options of a set in a few words: sets have no name that a person gave them. */
export function setWords(editor, content, name) {
  const options = (content.option_sets?.[name] || []).filter((option) => !option.archived);
  const first = options.slice(0, 2).map((option) => editor.say(option.label)).join(editor.t('comma'));
  return options.length ? (options.length > 2 ? editor.t('set_more', { first, n: options.length }) : first) : editor.t('set_empty');
}

export function editSet(editor, name, options, key) {
  editor.edit(editor.t('did_options'), (content) => setForm(content, { option_sets: { ...content.option_sets, [name]: options } }), { key: key && `set.${name}.${key}` });
}

export function OptionsPanel({ field, setting }) {
  const editor = useEditor();
  const { t } = editor;
  const content = useView((state) => state.content);
  const sets = Object.keys(content.option_sets || {});
  const mode = field.options_from ? 'options_from' : field.option_set ? 'option_set' : 'options';
  const parents = content.fields.filter((one) => one.id !== field.id && !one.options_from && optionsOf(content, one)?.length && editor.kind(one.type)?.value_type === 'text');
  const put = (changes, key) => editor.edit(t('did_options'), (before) => setField(before, field.id, changes), { key: key && `${field.id}.${key}` });
  const turn = (next) => {
    const none = { options: undefined, option_set: undefined, options_from: undefined };
    if (next === 'options') put({ ...none, options: optionsOf(content, field) || [] });
    else if (next === 'option_set') shareSet();
    else put({ ...none, options_from: { ref: `form.${parents[0].id}`, map: {} } });
  };
  const shareSet = () => {
    const name = sets[0] || freshId('set_', '', new Set(sets));
    editor.edit(t('did_options'), (before) => {
      const withSet = sets.length ? before : setForm(before, { option_sets: { ...before.option_sets, [name]: field.options || addOptions([], [`${t('option')} 1`]) } });
      return setField(withSet, field.id, { options: undefined, options_from: undefined, option_set: name });
    });
  };
  const modes = [['options', t('options_own')], ['option_set', t('options_shared')], ...(parents.length || mode === 'options_from' ? [['options_from', t('options_follow')]] : [])];
  return (
    <Row label={editor.say(setting.label)}>
      <Select label={t('options_source')} value={mode} options={modes} onChange={(next) => next && next !== mode && turn(next)} />
      {mode === 'options' && <OptionList name={editor.label(field.id)} options={field.options || []} onChange={(options, key) => put({ options }, key)} />}
      {mode === 'option_set' && <>
        <Select label={t('options_shared')} value={field.option_set} options={sets.map((name) => [name, setWords(editor, content, name)])} onChange={(name) => name && put({ option_set: name })} />
        <p className="row-hint">{t('shared_by', { n: content.fields.filter((one) => JSON.stringify(one).includes(`"${field.option_set}"`)).length })}</p>
        <OptionList name={editor.label(field.id)} options={content.option_sets?.[field.option_set] || []} onChange={(options, key) => editSet(editor, field.option_set, options, key)} />
      </>}
      {mode === 'options_from' && <Following field={field} parents={parents} content={content} put={put} />}
    </Row>
  );
}

/** For each option of the other field: the options this field then offers. */
function Following({ field, parents, content, put }) {
  const editor = useEditor();
  const { t } = editor;
  const { ref, map } = field.options_from;
  const parent = find(content, ref.slice(5))?.field;
  const choices = parent ? (optionsOf(content, parent) || []).filter((option) => !option.archived || map[option.id]) : [];
  const sets = content.option_sets || {};
  const assign = (option, name) => {
    const { [option]: _, ...rest } = map;
    put({ options_from: { ref, map: name ? { ...rest, [option]: name } : rest } });
  };
  const create = (option) => {
    const name = freshId('set_', '', new Set(Object.keys(sets)));
    editor.edit(t('did_options'), (before) => setField(
      setForm(before, { option_sets: { ...before.option_sets, [name]: addOptions([], [`${t('option')} 1`]) } }), field.id, { options_from: { ref, map: { ...map, [option]: name } } },
    ));
  };
  return (
    <>
      <Select label={t('follows')} value={ref} options={parents.map((one) => [`form.${one.id}`, t('follows_what', { what: editor.label(one.id) })])} onChange={(next) => next && put({ options_from: { ref: next, map: {} } })} />
      {choices.map((option) => (
        <div key={option.id} className="follow">
          <p className="group-name">{t('when_chosen', { what: editor.say(option.label) })}</p>
          {map[option.id] ? <>
            <OptionList name={editor.say(option.label)} options={sets[map[option.id]] || []} onChange={(options, key) => editSet(editor, map[option.id], options, key)} />
            <button type="button" className="link" onClick={() => assign(option.id, null)}>{t('offer_none')}</button>
          </> : (
            <div className="acts">
              <button type="button" className="link" onClick={() => create(option.id)}><Icon name="plus" size={16} />{t('add_options')}</button>
              {Object.keys(sets).length > 0 && <Select label={t('use_set')} value={undefined} empty={t('use_set')} options={Object.keys(sets).map((name) => [name, setWords(editor, content, name)])} onChange={(name) => name && assign(option.id, name)} />}
            </div>
          )}
        </div>
      ))}
    </>
  );
}
