// The designer's pure model: edits, ids, history, rules, clipboard, comparison. Run by tests/designer/test_model.py.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copied, paste, readCopied } from '../../../app/static/js/designer/model/clipboard.js';
import { applies, cards, find, following, inReadingOrder, named, optionsOf, pageStarts, rulesAbout, search, stops, usesOf, valueType } from '../../../app/static/js/designer/model/content.js';
import * as edits from '../../../app/static/js/designer/model/edits.js';
import { History } from '../../../app/static/js/designer/model/history.js';
import { freshId, idsOf, typesOf } from '../../../app/static/js/designer/model/ids.js';
import { untranslated } from '../../../app/static/js/designer/model/languages.js';
import { addOptions, dropOption, moveOption, pastedLabels, withoutExamples } from '../../../app/static/js/designer/model/options.js';
import { applyPatch, at } from '../../../app/static/js/designer/model/patch.js';
import { settingOf, withParents } from '../../../app/static/js/designer/model/places.js';
import { relativeAmount, relativeChoice, relativeStart, withAmount } from '../../../app/static/js/designer/model/relative.js';
import * as rules from '../../../app/static/js/designer/model/rules.js';

const TEXT = { type: 'text', label: { en: 'Text' }, settings: [{ key: 'max_length', widget: 'number', default: 200 }], value_type: 'text', in_rows: true };
const RADIO = {
  type: 'radio', label: { en: 'Choice' }, settings: [{ key: 'options', widget: 'options' }], value_type: 'text', in_rows: true,
  starter: { options: [1, 2].map((n) => ({ id: `o_${n}`, label: { 'zh-CN': `选项 ${n}`, en: `Option ${n}` } })) },
};
const TABLE = { type: 'subtable', label: { en: 'Table' }, settings: [{ key: 'fields', widget: 'fields', required: true }], value_type: 'rows', in_rows: false, starter: { fields: [{ id: 'f_column', type: 'text', label: { 'zh-CN': '列', en: 'Column' } }] } };
const CONSENT = {
  type: 'consent', label: { en: 'Consent' }, value_type: 'any', in_rows: false,
  settings: [{ key: 'policy', widget: 'policy', required: true }], starter: { policy: { doc: 'privacy', version: '1' } },
};
const KINDS = new Map([TEXT, RADIO, TABLE, CONSENT].map((kind) => [kind.type, kind]));
const mayBeColumn = (type) => KINDS.get(type)?.in_rows;

const FORM = {
  schema: 'danflow/form/1', key: 'k', title: 'T',
  sections: [{ id: 's_a', title: 'A' }, { id: 's_b', title: 'B' }],
  option_sets: { food: [{ id: 'o_cold', label: 'Cold' }] },
  fields: [
    { id: 'f_loose', type: 'text', label: 'Loose' },
    { id: 'f_kind', type: 'radio', section: 's_a', label: { 'zh-CN': '类型', en: 'Kind' }, options: [{ id: 'o_x', label: 'X' }] },
    { id: 'f_item', type: 'radio', section: 's_a', label: 'Item', options_from: { ref: 'form.f_kind', map: { o_x: 'food' } } },
    { id: 'f_rows', type: 'subtable', section: 's_b', label: 'Rows', fields: [
      { id: 'f_price', type: 'text', label: 'Price' },
      { id: 'f_sum', type: 'computed', label: 'Sum', formula: '{{row.f_price}} * 2' },
    ] },
    { id: 'f_total', type: 'computed', section: 's_b', label: 'Total', formula: 'SUM({{form.f_rows.f_sum}})' },
  ],
  rules: [
    { id: 'r_1', when: { all: [{ ref: 'form.f_kind', op: 'eq', value: 'o_x' }, { ref: 'form.f_loose', op: 'empty' }] }, then: [{ do: 'show', target: 'f_item' }] },
    { id: 'r_2', when: { any: [{ ref: 'form.f_rows', op: 'row_any', where: { ref: 'row.f_price', op: 'eq', value: '1' } }] }, then: [{ do: 'require', target: 'f_loose' }, { do: 'show', target: 's_b' }] },
  ],
  layout: { desktop: { columns: 2, span: { f_rows: 2 } } },
};
const frozen = (part) => {
  if (part && typeof part === 'object') Object.values(Object.freeze(part)).forEach(frozen);
  return part;
};
frozen(FORM); // an edit that changes what it was given would throw

test('the canvas shows fields outside sections first, then the sections', () => {
  assert.deepEqual(cards(FORM).map((card) => [card.id, card.fields.map((field) => field.id)]),
    [['', ['f_loose']], ['s_a', ['f_kind', 'f_item']], ['s_b', ['f_rows', 'f_total']]]);
  assert.deepEqual(inReadingOrder(FORM), ['f_loose', 'f_kind', 'f_item', 'f_rows', 'f_price', 'f_sum', 'f_total']);
  assert.deepEqual(cards({ fields: [] }).map((card) => card.id), ['']);
});

test('a path names a field, a column, or a part of its answer', () => {
  const kinds = new Map([['text', { parts: [] }], ['subtable', { parts: [] }], ['range', { parts: [{ key: 'from', type: 'date' }] }]]);
  const form = { ...FORM, fields: [...FORM.fields, { id: 'f_stay', type: 'range', label: 'Stay' }] };
  assert.equal(named(form, kinds, 'form.f_loose').field.label, 'Loose');
  assert.equal(named(form, kinds, 'form.f_rows.f_price').column.label, 'Price');
  assert.equal(named(form, kinds, 'row.f_price').field.label, 'Price');
  assert.deepEqual(named(form, kinds, 'form.f_stay.from').part, { key: 'from', type: 'date' });
  for (const path of ['form.f_stay.middle', 'form.f_gone', 'form.f_loose.from', 'customer.name']) assert.equal(named(form, kinds, path), null);
});

test('pages begin where sections say so', () => {
  const starts = (content) => [...pageStarts(cards(content))];
  assert.deepEqual(starts(FORM), []);
  const paged = edits.setSection(FORM, 's_b', { page: true });
  assert.deepEqual(starts(paged), [['', 1], ['s_b', 2]]);
  assert.deepEqual(starts(edits.setSection(edits.setSection(paged, 's_a', { page: true }), 's_b', { page: undefined })), [['', 1], ['s_a', 2]]);
  const first = { fields: [], sections: [{ id: 's_a', title: 'A', page: true }] };
  assert.deepEqual(starts(first), []); // the form begins there anyway
  assert.deepEqual(edits.setSection(paged, 's_b', { page: undefined }), FORM);
});

test('new ids are readable, fit an id, and avoid those in use', () => {
  const same = () => 0;
  const taken = new Set(['f_text_aaaa']);
  let calls = 0;
  const id = freshId('f_', 'text', taken, () => (calls++ < 4 ? 0 : 0.5));
  assert.match(id, /^f_text_[a-z0-9]{4}$/);
  assert.notEqual(id, 'f_text_aaaa');
  assert.match(freshId('o_', '情况说明', new Set(), same), /^o_aaaa$/);
  assert.ok(freshId('f_', 'x'.repeat(80), new Set()).length <= 40);
  assert.ok(idsOf(FORM).has('o_cold') && idsOf(FORM).has('f_price') && idsOf(FORM).has('r_2'));
});

test('a new field is complete: options and columns with ids of their own, in the main language of the form', () => {
  const radio = edits.newField(FORM, RADIO, 'R');
  assert.deepEqual(radio.options.map((option) => option.label), ['选项 1', '选项 2']);
  assert.match(radio.options[0].id, /^o_[a-z0-9]{4}$/);
  const table = edits.newField({ ...FORM, locales: ['zh-CN', 'en'] }, TABLE, 'T');
  assert.equal(table.fields[0].label, '列');
  assert.equal(edits.newField({ ...FORM, locale: 'en' }, TABLE, 'T').fields[0].label, 'Column');
  assert.match(table.fields[0].id, /^f_text_[a-z0-9]{4}$/);
  assert.deepEqual(edits.newField(FORM, CONSENT, 'C').policy, { doc: 'privacy', version: '1' });
  assert.deepEqual(Object.keys(edits.newField(FORM, TEXT, 'T')), ['id', 'type', 'label']);
});

test('a field goes in before another, at the end of a card, and into a table without what no column has', () => {
  const field = { id: 'f_new', type: 'text', label: 'N', section: 's_a', prefill: 'link.x' };
  const before = edits.insertFields(FORM, [field], { card: 's_a', table: null, before: 'f_item' });
  assert.deepEqual(cards(before)[1].fields.map((one) => one.id), ['f_kind', 'f_new', 'f_item']);
  const end = edits.insertFields(FORM, [field], { card: '', table: null, before: null });
  assert.deepEqual(cards(end)[0].fields.map((one) => one.id), ['f_loose', 'f_new']);
  assert.equal('section' in find(end, 'f_new').field, false);
  const column = edits.insertFields(FORM, [field], { card: '', table: 'f_rows', before: 'f_sum' });
  assert.deepEqual(find(column, 'f_rows').field.fields.map((one) => one.id), ['f_price', 'f_new', 'f_sum']);
  assert.deepEqual(Object.keys(find(column, 'f_new').field), ['id', 'type', 'label']);
});

test('moving keeps everything, its order, and what did not move is the same object', () => {
  const moved = edits.moveFields(FORM, ['f_loose', 'f_item'], { card: 's_b', table: null, before: 'f_total' }, mayBeColumn);
  assert.deepEqual(cards(moved).map((card) => card.fields.map((field) => field.id)), [['f_kind'], ['f_rows', 'f_loose', 'f_item', 'f_total']]);
  assert.equal(find(moved, 'f_rows').field, FORM.fields[3]);
  assert.deepEqual(idsOf(moved), idsOf(FORM));
  const home = edits.moveFields(FORM, ['f_kind'], { card: 's_a', table: null, before: 'f_kind' }, mayBeColumn);
  assert.equal(home, FORM);
});

test('a table does not go into a table, a column may leave one', () => {
  assert.equal(edits.moveFields(FORM, ['f_rows'], { card: '', table: 'f_rows', before: null }, mayBeColumn), FORM);
  const out = edits.moveFields(FORM, ['f_price'], { card: 's_a', table: null, before: null }, mayBeColumn);
  assert.equal(find(out, 'f_price').parent, null);
  assert.equal(find(out, 'f_price').field.section, 's_a');
});

test('formulas and conditions follow a field out of its table and into one', () => {
  const out = edits.moveFields(FORM, ['f_price'], { card: 's_b', table: null, before: null }, mayBeColumn);
  assert.equal(find(out, 'f_sum').field.formula, '{{form.f_price}} * 2');
  const summed = edits.moveFields(FORM, ['f_sum', 'f_price'], { card: 's_b', table: null, before: null }, () => true);
  assert.equal(find(summed, 'f_total').field.formula, 'SUM({{form.f_sum}})');
  const home = edits.moveFields(out, ['f_price'], { card: '', table: 'f_rows', before: 'f_sum' }, mayBeColumn);
  assert.equal(find(home, 'f_sum').field.formula, '{{row.f_price}} * 2');
  assert.equal(find(home, 'f_kind').field, find(out, 'f_kind').field);
  const asked = edits.moveFields(FORM, ['f_loose'], { card: '', table: 'f_rows', before: null }, mayBeColumn);
  assert.equal(asked.rules[0].when.all[1].ref, 'form.f_rows.f_loose');
});

test('a section goes in front of another, or to the end', () => {
  assert.deepEqual(edits.placeSection(FORM, 's_b', 's_a').sections.map((section) => section.id), ['s_b', 's_a']);
  assert.deepEqual(edits.placeSection(FORM, 's_a', null).sections.map((section) => section.id), ['s_b', 's_a']);
  assert.equal(edits.placeSection(FORM, 's_a', 's_b'), FORM);
  assert.equal(edits.placeSection(FORM, 's_b', null), FORM);
  assert.equal(edits.placeSection(FORM, 's_a', 's_a'), FORM);
  assert.deepEqual(stops(FORM), ['f_loose', 's_a', 'f_kind', 'f_item', 's_b', 'f_rows', 'f_price', 'f_sum', 'f_total']);
});

test('one step down, over the edge into the next card, and up again', () => {
  const ids = ['', 's_a', 's_b'];
  const down = edits.nudge(FORM, 'f_kind', 1, ids);
  assert.deepEqual(cards(down)[1].fields.map((field) => field.id), ['f_item', 'f_kind']);
  const over = edits.nudge(down, 'f_kind', 1, ids);
  assert.deepEqual(cards(over)[2].fields.map((field) => field.id), ['f_kind', 'f_rows', 'f_total']);
  const back = edits.nudge(over, 'f_kind', -1, ids);
  assert.deepEqual(cards(back)[1].fields.map((field) => field.id), ['f_item', 'f_kind']);
  const column = edits.nudge(FORM, 'f_price', 1, ids);
  assert.deepEqual(find(column, 'f_rows').field.fields.map((field) => field.id), ['f_sum', 'f_price']);
  assert.equal(edits.nudge(FORM, 'f_sum', 1, ids), FORM);
});

test('deleting takes the parts of rules that name the field, and its span', () => {
  const gone = edits.removeFields(FORM, ['f_rows']);
  assert.deepEqual(gone.rules.map((rule) => rule.id), ['r_1']);
  assert.deepEqual(gone.layout.desktop.span, {});
  const loose = edits.removeFields(FORM, ['f_loose']);
  assert.deepEqual(loose.rules[0].when, { all: [{ ref: 'form.f_kind', op: 'eq', value: 'o_x' }] });
  assert.deepEqual(loose.rules[1].then, [{ do: 'show', target: 's_b' }]);
  assert.equal(find(edits.removeFields(FORM, ['f_price']), 'f_rows').field.fields.length, 1);
});

test('what a field is used in: rules, formulas, dependent options, and not ids that only begin alike', () => {
  assert.deepEqual(usesOf(FORM, 'f_kind'), [{ kind: 'rule', id: 'r_1' }, { kind: 'field', id: 'f_item' }]);
  assert.deepEqual(usesOf(FORM, 'f_price'), [{ kind: 'rule', id: 'r_2' }, { kind: 'field', id: 'f_sum' }]);
  assert.deepEqual(usesOf(FORM, 'f_rows'), [{ kind: 'rule', id: 'r_2' }, { kind: 'field', id: 'f_total' }]);
  const alike = { ...FORM, fields: [...FORM.fields, { id: 'f_kin', type: 'text', label: 'x' }] };
  assert.deepEqual(usesOf(alike, 'f_kin'), []);
  assert.deepEqual(rulesAbout(FORM, 'f_loose').map((rule) => rule.id), ['r_1', 'r_2']);
});

test('a copy has ids of its own and its formulas read its own columns', () => {
  const { content, ids } = edits.duplicateFields(FORM, ['f_rows']);
  const copy = find(content, ids[0]).field;
  assert.notEqual(copy.id, 'f_rows');
  assert.equal(copy.fields[1].formula, `{{row.${copy.fields[0].id}}} * 2`);
  assert.deepEqual(cards(content)[2].fields.map((field) => field.id), ['f_rows', copy.id, 'f_total']);
});

test('copied to another form: option sets come along, ids are new, references follow', () => {
  const text = copied(FORM, ['f_kind', 'f_item', 'f_sum']);
  const found = readCopied(text, new Map([...KINDS, ['computed', TEXT]]));
  const { content, ids } = paste({ fields: [{ id: 'f_kind', type: 'text', label: 'here' }] }, found, { card: '', table: null, before: null });
  assert.equal(ids.length, 3);
  assert.equal(content.fields.length, 4);
  assert.equal(find(content, ids[1]).field.options_from.ref, `form.${ids[0]}`);
  assert.deepEqual(content.option_sets, FORM.option_sets);
  assert.equal(readCopied('{"schema":"danflow/fields/1","fields":[{"id":"f_a","type":"nothing"}]}', KINDS), null);
  assert.equal(readCopied('hello', KINDS), null);
  assert.equal(readCopied('danflow/fields/1 {', KINDS), null);
});

test('undo and redo give back exactly what was; typing in one place is one step', () => {
  const history = new History();
  const a = { n: 1 }, b = { n: 2 }, c = { n: 3 }, d = { n: 4 };
  history.push({ label: 'one', before: a, after: b, key: 'f_x.label', at: 1000 });
  history.push({ label: 'one', before: b, after: c, key: 'f_x.label', at: 1800 });
  history.push({ label: 'two', before: c, after: d, at: 1900, selectBefore: ['f_x'] });
  assert.deepEqual(history.undo(), { content: c, select: ['f_x'], label: 'two' });
  assert.equal(history.undo().content, a);
  assert.equal(history.undo(), null);
  assert.equal(history.redo().content, c);
  assert.equal(history.redo().content, d);
  history.undo();
  history.push({ label: 'three', before: c, after: b, key: 'f_x.label', at: 2000 });
  assert.equal(history.redo(), null);
  assert.equal(history.undo().content, c); // a step taken back is no place to go on typing into
});

test('a patch is applied to a copy, and a step without a place is refused', () => {
  const next = applyPatch(FORM, [{ op: 'replace', path: '/fields/0/label', value: 'New' }, { op: 'remove', path: '/rules/0' }, { op: 'add', path: '/fields/1/required', value: true }]);
  assert.equal(at(next, '/fields/0/label'), 'New');
  assert.equal(next.rules.length, 1);
  assert.equal(FORM.fields[0].label, 'Loose');
  assert.throws(() => applyPatch(FORM, [{ op: 'replace', path: '/nowhere/0/x', value: 1 }]));
});

test('options: many lines at once, order, archive instead of delete', () => {
  assert.deepEqual(pastedLabels('1. 菜品\n- 服务\n\n 环境 \n服务\r\n3、其他', ['其他']), ['菜品', '服务', '环境']);
  const options = addOptions([], ['Yes', '否']);
  assert.match(options[0].id, /^o_yes_/);
  assert.deepEqual(moveOption(options, options[1].id, 0).map((option) => option.label), ['否', 'Yes']);
  const archived = dropOption(options, options[0].id, true);
  assert.equal(archived[0].archived, true);
  assert.deepEqual(dropOption(archived, options[0].id, true), options);
  assert.equal(dropOption(options, options[0].id, false).length, 1);
  assert.deepEqual(optionsOf(FORM, find(FORM, 'f_item').field), FORM.option_sets.food);
});

test('conditions: parts are added, replaced and taken away at their place', () => {
  const clause = { ref: 'form.f_a', op: 'empty' };
  let group = rules.asGroup(clause);
  assert.deepEqual(group, { all: [clause] });
  group = rules.addAt(group, [], { any: [] });
  group = rules.addAt(group, [1], clause);
  assert.deepEqual(group, { all: [clause, { any: [clause] }] });
  group = rules.replaceAt(group, [1, 0], { ...clause, op: 'not_empty' });
  assert.equal(rules.clausesOf(group)[1].op, 'not_empty');
  assert.deepEqual(Object.keys(rules.withKind(group, [1], 'all').all[1]), ['all']);
  assert.deepEqual(rules.replaceAt(group, [1], undefined), { all: [clause] });
});

test('a rule being written is known to be unfinished', () => {
  const done = { when: { all: [{ ref: 'form.f_a', op: 'eq', value: '1' }] }, then: [{ do: 'show', target: 'f_b' }] };
  assert.equal(rules.unfinished(done), false);
  assert.equal(rules.unfinished({ ...done, when: { all: [] } }), true);
  assert.equal(rules.unfinished({ ...done, when: { all: [{ ref: 'form.f_a', op: 'eq' }] } }), true);
  assert.equal(rules.unfinished({ ...done, then: [{ do: 'error', target: 'f_b' }] }), true);
  assert.equal(rules.unfinished({ ...done, then: [{ do: 'set', target: 'f_b', value: false }] }), false);
});

test('sections: a removed one leaves its fields to the card above', () => {
  const { content, id } = edits.addSection(FORM, 'New', 's_a');
  assert.deepEqual(content.sections.map((section) => section.id), ['s_a', id, 's_b']);
  const gone = edits.removeSection(FORM, 's_b');
  assert.deepEqual(cards(gone)[1].fields.map((field) => field.id), ['f_kind', 'f_item', 'f_rows', 'f_total']);
  assert.deepEqual(gone.rules[1].then, [{ do: 'require', target: 'f_loose' }]);
  assert.deepEqual(edits.moveSection(FORM, 's_a', 1).sections.map((section) => section.id), ['s_b', 's_a']);
  assert.equal(edits.moveSection(FORM, 's_a', -1), FORM);
});

test('another type keeps what both know', () => {
  const next = edits.retype(edits.setField(FORM, 'f_kind', { required: true, hint: 'h', default: 'o_x' }), 'f_kind', TEXT, ['hint', 'required', 'default']);
  const { field } = find(next, 'f_kind');
  assert.deepEqual([field.id, field.type, field.required, field.hint, field.section], ['f_kind', 'text', true, 'h', 's_a']);
  assert.equal('options' in field || 'default' in field, false);
});

test('search finds by label in any language, by type and by id', () => {
  assert.deepEqual(search(FORM, '类型', KINDS, 'en'), ['f_kind']);
  assert.deepEqual(search(FORM, 'kind', KINDS, 'zh-CN'), ['f_kind']);
  assert.deepEqual(search(FORM, 'table', KINDS, 'en'), ['f_rows']);
  assert.deepEqual(search(FORM, ' ', KINDS, 'en'), []);
});

test("a setting may decide the type of a value", () => {
  const computed = { value_type: 'number', value_types: { key: 'result', types: { number: 'number', money: 'number', text: 'text' } }, settings: [{ key: 'result', default: 'number' }] };
  assert.equal(valueType({ result: 'text' }, computed), 'text');
  assert.equal(valueType({ result: 'money' }, computed), 'number');
  assert.equal(valueType({}, computed), 'number');
  assert.equal(valueType({}, RADIO), 'text');
  assert.equal(valueType({}, undefined), 'any');
});

test('the type of every field and column is known by its id', () => {
  const types = typesOf(FORM);
  assert.deepEqual([types.get('f_kind'), types.get('f_price'), types.get('s_a')], ['radio', 'text', undefined]);
  assert.equal(typesOf({}).size, 0);
});

test('examples nobody touched give way to what is pasted; what was named or published stays', () => {
  const options = [{ id: 'o_1', label: '选项 1' }, { id: 'o_2', label: '大厅' }, { id: 'o_3', label: '选项 3' }, { id: 'o_4', label: { 'zh-CN': '选项 4', en: 'Hall' } }];
  const left = (published) => withoutExamples(options, /^选项 \d+$/, published).map((option) => option.id);
  assert.deepEqual(left(new Set(['o_3'])), ['o_2', 'o_3', 'o_4']);
  assert.deepEqual(left(null), ['o_1', 'o_2', 'o_3', 'o_4']); // not known yet: everything counts as published
});

test('a day counted from today is chosen by its side, and keeps it when the number changes', () => {
  assert.deepEqual([{ rel: 'today', days: 0 }, { rel: 'today', days: -3 }, { rel: 'now', minutes: 30 }, { rel: 'now' }].map(relativeChoice), ['today', 'today_before', 'now_after', 'now']);
  assert.deepEqual(['today', 'today_before', 'now_after'].map(relativeStart), [{ rel: 'today', days: 0 }, { rel: 'today', days: -1 }, { rel: 'now', minutes: 1 }]);
  assert.deepEqual(withAmount({ rel: 'today', days: -3 }, 5), { rel: 'today', days: -5 });
  assert.deepEqual([relativeAmount({ rel: 'now', minutes: -90 }), relativeAmount({ rel: 'today', days: 0 })], [{ n: 90, unit: 'minutes', most: 527_040 }, null]);
});

test('a finding leads to the setting that its path names', () => {
  assert.deepEqual(['fields[2].sensitive.reveal[0]', 'fields[1].fields[0].label', 'fields[0].options[3].label', 'fields[4]', 'rules[0].when', ''].map(settingOf), ['sensitive.reveal', 'label', 'options.label', '', '', '']);
  assert.deepEqual([withParents('sensitive.reveal'), withParents('')], [['sensitive.reveal', 'sensitive'], []]);
});

test('a computed field takes the type of its formula over, unless a person chose another', () => {
  const sum = { type: 'computed', value_type: 'text', value_types: { key: 'result', types: { number: 'number', money: 'number', text: 'text' } }, settings: [{ key: 'result', default: 'number' }, { key: 'currency', when: { result: ['money'] } }] };
  const kinds = new Map([[sum.type, sum], ['money', { type: 'money', value_type: 'number', settings: [], parts: [] }], ['number', { type: 'number', value_type: 'number', settings: [], parts: [] }]]);
  const content = { fields: [{ id: 'f_price', type: 'money' }, { id: 'f_count', type: 'number' }, { id: 'f_sum', type: 'computed', formula: '0' }] };
  const price = { type: 'number', refs: ['form.f_price', 'form.f_count'] };
  const after = (field, yields) => following(content, kinds, { ...content.fields[2], ...field }, yields);
  assert.deepEqual(after({}, price), { result: 'money' });
  assert.deepEqual(after({}, { type: 'number', refs: ['form.f_count'] }), { result: 'number' });
  assert.deepEqual(after({}, { type: 'text', refs: [] }), { result: 'text' });
  assert.deepEqual(after({ formula: '{{form.f_price}} * 2', result: 'number' }, price), {}); // chosen: it stays
  assert.deepEqual(after({ formula: '{{form.f_price}} * 2', result: 'number' }, { type: 'text', refs: [] }), { result: 'text' }); // but cannot
  assert.deepEqual(after({ formula: '{{form.f_price}} * 2', result: 'money' }, { type: 'number', refs: ['form.f_count'] }), { result: 'number' });
  assert.deepEqual([after({}, undefined), following(content, kinds, content.fields[0], price)], [{}, {}]);
  assert.deepEqual([{ result: 'money' }, {}].map((field) => applies(sum.settings[1], field, sum)), [true, false]);
});

test('texts that miss a language are found wherever the catalogue says that there is a text', () => {
  const content = {
    locales: ['zh-CN', 'en'], title: { 'zh-CN': '预订', en: 'Booking' }, settings: { submit: '预订' },
    fields: [{ id: 'f_a', type: 'text', label: { en: 'Name' }, hint: '12:30', unit: '人', note: '备注' }, { id: 'f_b', type: 'radio', label: 'B1', options: [{ id: 'o_1', label: '大厅' }, { id: 'o_2', label: '旧', archived: true }] }],
    rules: [{ id: 'r_1', when: {}, then: [{ do: 'error', target: 'f_a', message: '太多' }] }],
  };
  const kinds = new Map([['text', { settings: [{ key: 'unit', kind: 'words' }, { key: 'note', kind: 'text' }] }]]);
  const found = untranslated(content, kinds).map(({ path, locale }) => `${locale} ${path}`);
  assert.deepEqual(found, ['zh-CN /fields/0/label', 'en /settings/submit', 'en /fields/0/unit', 'en /fields/1/options/0/label', 'en /rules/0/then/0/message']);
  assert.deepEqual(untranslated({ ...content, locales: ['zh-CN'] }, kinds), []);
});
