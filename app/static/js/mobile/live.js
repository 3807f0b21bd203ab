// Rules and formulas while typing: what the server will decide, shown at once. Shape of the bundle: docs/forms.md.
// Only on forms that have live rules; without it every field stays visible and says when it is wanted.
import { localMs, momentAt, momentText, parseMoment } from '../core/dates.js';
import { asStored, compile } from '../core/index.js';
import { all, box, form, say, setError } from './dom.js';

const live = JSON.parse(document.getElementById('live').textContent);
const { env } = live;
const run = (ast) => compile(ast, live.types);
const rules = live.rules.map((rule) => ({ ...rule, test: run(rule.when), then: rule.then.map((action) => (action.ast ? { ...action, formula: run(action.ast) } : action)) }));
const computed = live.computed.map((entry) => ({ ...entry, formula: run(entry.ast) }));
const targets = new Set(rules.reduce((found, rule) => found.concat(rule.then.filter((action) => action.do === 'show').map((action) => action.target)), []));
const SIGNS = { CNY: '¥', USD: 'US$', HKD: 'HK$', EUR: '€', JPY: 'JP¥', GBP: '£' };
const held = {}; // rule id → whether it held a moment ago

// ---- reading the page ----------------------------------------------------------------------------------------------

const half = (text) => text.replace(/[\uff01-\uff5e]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0));

function number(text) {
  const plain = half(text.trim()).replace(/^(-?\d{1,3})((?:,\d{3})+)(\.\d+)?$/, (whole, first, groups, rest = '') => first + groups.replace(/,/g, '') + rest);
  return /^-?(\d+\.?\d*|\.\d+)$/.test(plain) ? plain : null;
}

/** The most precise choice of province, city and county. */
const area = (field) => all('select', field).map((list) => list.value).filter(Boolean).pop() || null;

/** What is chosen from a list, short or searched. */
function chosen(field) {
  const control = field.querySelector('input:checked,select');
  return (control && control.value) || null;
}

const READ = {
  region: area,
  address(field) {
    const [region, text] = [area(field), field.querySelector('input').value.trim()];
    return region || text ? { region, text } : null;
  },
  person: chosen,
  reference: chosen,
  subtable: (field) => all('[data-row]', field).map((row) => {
    const cells = {};
    all('[data-f]', row).forEach((cell) => {
      if (cell.dataset.t !== 'computed') cells[cell.dataset.f.split('.').pop()] = read(cell);
    });
    return cells;
  }),
};

function one(field) {
  const control = field.querySelector('input:checked') || field.querySelector('input[name]:not([type=radio]),select,textarea');
  return control ? control.value.trim() : '';
}

/** The moment of a reading of the company's clock. */
function moment(text) {
  try {
    return momentText(momentAt(parseMoment(`${text}Z`), env.tz));
  } catch (error) {
    return null; // there is no such day
  }
}

// By the kind of value that rules expect; what a control cannot say rightly counts as empty, as on the server.
const KINDS = {
  number: (field) => number(one(field)),
  bool: (field) => Boolean(field.querySelector('input:checked')),
  list: (field) => all(field.querySelector('[data-files]') ? 'input[type=hidden]' : 'input:checked', field).map((input) => input.value),
  date: (field) => (/^\d{4}-\d\d-\d\d$/.test(one(field)) ? one(field) : null),
  time: (field) => (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(one(field)) ? moment(one(field).slice(0, 16)) : null),
  any(field) {
    const parts = {};
    all('input[name],select,textarea', field).forEach((control) => {
      if (control.value && (!/^(radio|checkbox)$/.test(control.type) || control.checked)) parts[control.name.split('.').pop()] = control.value;
    });
    return Object.keys(parts).length ? parts : null;
  },
};

/** The present answer of a field's box, as the server would store it. */
function read(field) {
  if (READ[field.dataset.t]) return READ[field.dataset.t](field);
  const [name, , column] = field.dataset.f.split('.');
  const { value_type: kind } = column ? live.fields[name].columns[column] : live.fields[name];
  return KINDS[kind] ? KINDS[kind](field) : one(field) || null;
}

// ---- one pass over the rules ---------------------------------------------------------------------------------------

/** Which of the shown-or-hidden targets stand on the page, with the answers as they are. */
function settle() {
  const raw = { ...live.values };
  Object.keys(live.fields).forEach((name) => {
    const field = live.fields[name].editable && box(name);
    if (field) raw[name] = read(field);
  });
  let shown = new Set(targets);
  let values;
  let verdicts;
  // A hidden field counts as empty, which may hide another: repeat until nothing moves.
  for (let turn = 0; turn < 10; turn += 1) {
    values = { ...raw };
    targets.forEach((target) => {
      if (!shown.has(target)) (live.sections[target] || [target]).forEach((name) => { values[name] = null; });
    });
    Object.keys(live.options).forEach((name) => { values[name] = offered(name, values); });
    const ctx = { form: values, ctx: live.ctx };
    computed.forEach((entry) => compute(entry, values, ctx));
    verdicts = rules.map((rule) => rule.test(ctx, env));
    const next = new Set(rules.reduce((found, rule, index) => (verdicts[index] === true || (verdicts[index] && verdicts[index].err)
      ? found.concat(rule.then.filter((action) => action.do === 'show').map((action) => action.target)) : found), []));
    const still = next.size === shown.size && Array.from(next).every((target) => shown.has(target));
    shown = next;
    if (still) break;
  }
  return { shown, values, verdicts: verdicts || [] };
}

/** A dependent choice counts only under the answer it belongs to. */
function offered(name, values) {
  const { parent, groups } = live.options[name];
  const list = groups[values[parent]] || [];
  if (Array.isArray(values[name])) return values[name].filter((id) => list.includes(id));
  return list.includes(values[name]) ? values[name] : null;
}

function compute(entry, values, ctx) {
  const stored = (value) => (value && value.err ? null : asStored(value, entry.result));
  if (!entry.table) values[entry.target] = stored(entry.formula(ctx, env));
  else (values[entry.table] || []).forEach((row) => { row[entry.target] = stored(entry.formula({ ...ctx, row }, env)); });
}

// ---- drawing -------------------------------------------------------------------------------------------------------

function display(value, entry, place) {
  if (value === null || value === undefined) return '—';
  if (entry.result === 'money') {
    const [whole, cents] = String(value).replace('-', '').split('.');
    return `${String(value)[0] === '-' ? '-' : ''}${SIGNS[place.dataset.currency] || ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`;
  }
  return `${value}${place.dataset.unit ? ` ${place.dataset.unit}` : ''}`;
}

function drawComputed(values) {
  computed.forEach((entry) => {
    const put = (name, value) => {
      const field = box(name);
      const place = field && field.querySelector('[data-out]');
      if (place) place.textContent = display(value, entry, place);
    };
    if (!entry.table) put(entry.target, values[entry.target]);
    else {
      const table = box(entry.table);
      (table ? all('[data-row]', table) : []).forEach((row, position) => {
        const cells = (values[entry.table] || [])[position];
        put(`${entry.table}.${row.dataset.row}.${entry.target}`, cells ? cells[entry.target] : null);
      });
    }
  });
}

function drawShown(shown) {
  targets.forEach((target) => {
    const place = live.sections[target] ? document.getElementById(target) : box(target);
    const part = place && (live.sections[target] ? place.closest('.section') : place);
    if (part) part.hidden = !shown.has(target);
  });
  all('.section', form).forEach((section) => {
    const fields = all('[data-f]', section);
    if (fields.length && !live.sections[(section.querySelector('h2') || {}).id]) section.hidden = fields.every((field) => field.hidden);
  });
}

/** A moment as the control shows it: on the company's clock, the day alone where only a day is asked. */
function local(value, type) {
  if (!/^date/.test(type) || !/T.*(Z|[+-]\d\d:\d\d)$/.test(value)) return value;
  return momentText(localMs(parseMoment(value), env.tz)).slice(0, type === 'date' ? 10 : 16);
}

function put(field, value) {
  const place = field.querySelector('[data-region]');
  if (place) {
    const { region, text } = value && value.text ? value : { region: value, text: '' };
    place.dispatchEvent(new CustomEvent('put', { detail: region }));
    all('input', field).forEach((input) => { input.value = text; });
    return;
  }
  all('input[name],select,textarea', field).forEach((control) => {
    const part = value && typeof value === 'object' && !Array.isArray(value) ? value[control.name.split('.').pop()] : value;
    if (/^(radio|checkbox)$/.test(control.type)) control.checked = [].concat(part).map(String).includes(control.value);
    else if (control.type !== 'hidden' && control.type !== 'file') control.value = part === null || part === undefined ? '' : local(part, control.type);
  });
}

/** What rules do besides showing. `fresh`: the rule has just begun to hold. */
const DO = {
  require(field) {
    const mark = field.querySelector('[data-req]');
    if (!mark || mark.hasAttribute('data-always')) return;
    mark.hidden = !mark.dataset.by.split(' ').some((id) => held[id]);
    all('input:not([type=hidden]):not([type=file]):not([type=checkbox]),select,textarea', field).forEach((control) => { control.required = !mark.hidden; });
  },
  readonly(field, action, holds) {
    all('input,select,textarea,button', field).forEach((control) => { control.disabled = holds; });
  },
  set(field, action, holds, fresh, values) {
    if (!holds || !fresh || (action.policy === 'if_empty' && read(field) && read(field).length)) return;
    const value = action.formula ? action.formula({ form: values, ctx: live.ctx }, env) : action.value;
    if (!value || !value.err) put(field, action.formula ? asStored(value, 'any') : value);
  },
  error(field, action, holds) {
    const own = field.dataset.rule === action.message;
    if (holds) {
      setError(field, action.message);
      field.dataset.rule = action.message;
    } else if (own) {
      setError(field, '');
      delete field.dataset.rule;
    }
  },
};

// ---- choices -------------------------------------------------------------------------------------------------------

const lists = new Map(); // select → its options as the server drew them, [option, group]

function only(field, allowed, empty) {
  all('.opt', field).forEach((row) => {
    const input = row.querySelector('input');
    row.hidden = !allowed(input.value);
    if (row.hidden) input.checked = false;
  });
  const select = field.querySelector('select');
  if (!select) return;
  if (!lists.has(select)) lists.set(select, all('option', select).slice(1));
  const chosen = select.value;
  const seen = new Set();
  const kept = lists.get(select).filter((option) => allowed(option.value) && !seen.has(option.value) && seen.add(option.value));
  const first = select.querySelector('option');
  first.textContent = kept.length ? say('choose_one') : empty;
  select.textContent = '';
  select.append(first, ...kept);
  select.value = kept.some((option) => option.value === chosen) ? chosen : '';
}

function drawChoices(values) {
  const limits = {};
  Object.keys(live.options).forEach((name) => {
    const { parent, groups } = live.options[name];
    limits[name] = [groups[values[parent]] || []];
  });
  rules.forEach((rule) => rule.then.filter((action) => action.do === 'options').forEach((action) => {
    limits[action.target] = (limits[action.target] || []).concat(held[rule.id] ? [action.options] : []);
  }));
  Object.keys(limits).forEach((name) => {
    const field = box(name);
    const above = live.options[name] && box(live.options[name].parent);
    const label = above ? above.querySelector('.label').firstChild.textContent : '';
    if (field) only(field, (id) => limits[name].every((list) => list.includes(id)), say('choose_first', { label }));
  });
}

// ---- the page ------------------------------------------------------------------------------------------------------

function draw() {
  const { shown, values, verdicts } = settle();
  const fresh = {};
  rules.forEach((rule, index) => {
    fresh[rule.id] = verdicts[index] === true && !held[rule.id];
    held[rule.id] = verdicts[index] === true;
  });
  rules.forEach((rule) => rule.then.forEach((action) => {
    const field = box(action.target);
    if (field && DO[action.do]) DO[action.do](field, action, held[rule.id], fresh[rule.id], values);
  }));
  drawShown(shown);
  drawComputed(values);
  drawChoices(values);
}

rules.forEach((rule) => rule.then.filter((action) => action.do === 'require').forEach((action) => {
  const mark = box(action.target) && box(action.target).querySelector('[data-req]');
  if (mark) mark.dataset.by = `${mark.dataset.by || ''} ${rule.id}`.trim();
}));
// Rules that hold already when the page opens have done their work on the server.
const opening = settle();
rules.forEach((rule, index) => { held[rule.id] = opening.verdicts[index] === true; });
form.classList.add('live');
draw();
let waiting;
const soon = () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(draw);
};
['input', 'change'].forEach((kind) => form.addEventListener(kind, soon));
window.addEventListener('pageshow', soon);
