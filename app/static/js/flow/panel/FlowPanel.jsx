// What concerns the flow as a whole: its name, its form, its variables.
import { useId } from 'react';
import { Row, Select, Tokens } from '../../designer/panel/inputs.jsx';
import { freshId } from '../../designer/model/ids.js';
import { useEditor, useView } from '../../designer/use.js';
import { StepComments } from '../comments/Comments.jsx';
import { Icon } from '../icons.jsx';
import { Texts } from './inputs.jsx';
import { VarValue, varName } from './Values.jsx';

export function FlowPanel({ call }) {
  const editor = useEditor();
  const { t, boot } = editor;
  const content = useView((state) => state.content);
  const form = useView((state) => state.form);
  const said = useView((state) => state.findings.filter((one) => !one.node && one.field));
  const base = useId();
  const put = (what, changes, key) => editor.edit(t('did_set', { what }), (before) => ({ ...before, ...changes }), { key });
  const choose = async (key) => {
    try {
      const answer = await call('GET', `${boot.urls.form}?form=${encodeURIComponent(key)}`);
      editor.set({ form: answer.form });
      put(t('flow_form'), { form: key }, null);
    } catch (error) {
      editor.toast(error.answer?.message || t('not_reached'), false);
    }
  };
  const about = (path) => said.filter((one) => one.field === path || one.field.startsWith(`${path}[`) || one.field.startsWith(`${path}.`)).map((one) => <p key={one.mark} className={`row-error ${one.level}`}><Icon name="alert" size={16} /><span>{one.message}</span></p>);
  return (
    <div className="flow-panel-body">
      <div className="props first">
        <div className="setting" data-setting="name"><Row label={t('flow_name')} htmlFor={`${base}n`}><Texts id={`${base}n`} label={t('flow_name')} value={content.name} onChange={(name) => put(t('flow_name'), { name: name ?? '' }, 'flow name')} /></Row>{about('name')}</div>
        <div className="setting" data-setting="form">
          <Row label={t('flow_form')} htmlFor={`${base}f`}><Select id={`${base}f`} value={content.form} empty={t('please_choose')} options={boot.forms.map((one) => [one.key, editor.say(one.title) || one.key])} onChange={(key) => key && key !== content.form && choose(key)} /></Row>
          {about('form')}
          {form && <a className="link" href={boot.urls.edit_form.replace('KEY', form.key)}>{t('to_form')}</a>}
        </div>
      </div>
      <div className="props" data-setting="vars"><Variables content={content} put={put} about={about} /></div>
      <StepComments step="" />
    </div>
  );
}

function Variables({ content, put, about }) {
  const editor = useEditor();
  const { t, boot } = editor;
  const vars = content.vars || [];
  const kinds = boot.catalog.var_types.map((one) => [one.id, editor.say(one.label)]);
  const set = (at, changes, key) => put(t('variables'), { vars: vars.map((one, i) => (i === at ? tidy({ ...one, ...changes }) : one)) }, key && `var ${at} ${key}`);
  const add = () => {
    const key = freshId('v_', '', new Set(vars.map((one) => one.key)));
    put(t('variables'), { vars: [...vars, { key, type: 'text', name: t('var_n', { n: vars.length + 1 }) }] }, null);
  };
  return (
    <>
      <p className="group-name">{t('variables')}</p>
      <p className="row-hint">{t('variables_help')}</p>
      <ul className="vars">
        {vars.map((one, at) => {
          const name = varName(editor, one);
          return (
            <li key={one.key} className="one-row" data-setting={`vars[${at}]`}>
              <div className="row-tools"><span className="row-no">{`vars.${one.key}`}</span><button type="button" className="tool" aria-label={t('take_away', { what: name })} onClick={() => put(t('variables'), { vars: vars.filter((_, i) => i !== at) }, null)}><Icon name="trash" size={16} /></button></div>
              <Row label={t('var_name')}><Texts label={t('var_name_of', { n: at + 1 })} value={one.name ?? ''} placeholder={one.key} onChange={(next) => set(at, { name: next }, 'name')} /></Row>
              <Row label={t('var_type')}><Select label={t('var_type_of', { n: at + 1 })} value={one.type} options={kinds} onChange={(type) => type && set(at, { type, default: undefined, values: type === 'choice' ? one.values || [] : undefined })} /></Row>
              {one.type === 'choice' && <Row label={t('var_values')}><Tokens label={t('var_values_of', { n: at + 1 })} value={one.values} onChange={(values) => set(at, { values: values || [], default: values?.includes(one.default) ? one.default : undefined })} /></Row>}
              <Row label={t('var_default')}><VarValue variable={one} value={one.default} label={t('var_default_of', { n: at + 1 })} onChange={(next) => set(at, { default: next }, 'default')} /></Row>
              {about(`vars[${at}]`)}
            </li>
          );
        })}
      </ul>
      {vars.length < boot.catalog.flow_limits.vars && <button type="button" className="link" onClick={add}><Icon name="plus" size={16} />{t('var_add')}</button>}
    </>
  );
}

const tidy = (one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));
