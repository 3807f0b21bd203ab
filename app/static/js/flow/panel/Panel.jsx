// The panel that slides over the canvas: the settings of the step that is selected, or of the flow itself.
import { useEffect, useId, useRef } from 'react';
import * as actions from '../actions.js';
import { firstIn } from '../../designer/focus.js';
import { Row, Ticks } from '../../designer/panel/inputs.jsx';
import { useEditor, useView } from '../../designer/use.js';
import { StepComments } from '../comments/Comments.jsx';
import { Icon, KindIcon } from '../icons.jsx';
import { pairOf } from '../model/content.js';
import { setConfig, setNode } from '../model/edits.js';
import { FlowPanel } from './FlowPanel.jsx';
import { Texts } from './inputs.jsx';
import { applies, within } from './refs.js';
import { Setting } from './widgets.jsx';

export function Panel({ call }) {
  const editor = useEditor();
  const { t } = editor;
  const open = useView((state) => state.panel);
  const count = useView((state) => state.selection.length);
  const id = useView((state) => (state.selection.length === 1 ? state.selection[0] : null));
  const node = useView((state) => (id ? editor.node(id) : null));
  const root = useRef(null);
  useFocus(editor, root);
  if (!open || (count && !node)) return null;
  const close = () => {
    editor.set({ panel: false, focusField: null });
    if (node) actions.focusOn(id);
  };
  const kind = node && editor.kindOf(id);
  return (
    <aside ref={root} className="flow-panel" aria-label={node ? t('panel') : t('flow_panel')}>
      <header className={node ? `tone-${editor.tone(kind)}` : ''}>
        {node ? <KindIcon kind={kind} /> : <Icon name="gear" />}
        <h2>{node ? editor.say(kind.label) : t('flow_panel')}</h2>
        <button type="button" className="tool" aria-label={t('close')} onClick={close}><Icon name="close" /></button>
      </header>
      {node ? <Node key={id} node={node} kind={kind} /> : <FlowPanel call={call} />}
    </aside>
  );
}

/** Open the setting that a finding names: the deepest place that is drawn, its first input in focus. */
function useFocus(editor, root) {
  const goal = useView((state) => state.focusField);
  useEffect(() => {
    if (!goal) return undefined;
    const frame = requestAnimationFrame(() => {
      const spot = within(goal.path).map((path) => root.current?.querySelector(`[data-setting="${CSS.escape(path)}"]`)).find(Boolean);
      if (!spot) return;
      const folded = spot.closest('details');
      if (folded) folded.open = true;
      spot.scrollIntoView({ block: 'center' });
      (spot.querySelector('.in.bad, [aria-invalid="true"]') || firstIn(spot))?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [goal]);
}

function Node({ node, kind }) {
  const editor = useEditor();
  const { t } = editor;
  const base = useId();
  const put = (changes, key) => editor.edit(t('did_set', { what: editor.label(node.id) }), (before) => setNode(before, node.id, changes), { key: `${node.id} ${key}` });
  const set = (setting) => (value, key) => editor.edit(t('did_set', { what: editor.say(setting.label) }), (before) => setConfig(before, node.id, setting.key, value, editor.kinds), { key: typeof key === 'string' ? `${node.id} ${setting.key} ${key}` : SMALL.has(setting.widget) ? null : `${node.id} ${setting.key}` });
  const pair = kind.pairs && pairOf(editor.content, editor.kinds, node.id);
  return (
    <div className="flow-panel-body">
      <div className="props first">
        <div className="setting" data-setting="name"><Row label={t('step_name')} htmlFor={`${base}n`}><Texts id={`${base}n`} label={t('step_name')} value={node.name} onChange={(name) => put({ name: name ?? '' }, 'name')} /></Row></div>
      </div>
      {kind.missing ? <Missing node={node} /> : (
        <div className="props">
          {kind.attaches && <Attach node={node} put={put} />}
          {kind.config.filter((setting) => applies(setting, node.config, kind.config)).map((setting) => <Setting key={setting.key} setting={setting} node={node} path={`config.${setting.key}`} value={node.config?.[setting.key]} onChange={set(setting)} />)}
          {pair && <p className="row-hint">{t(kind.gathers ? 'pair_fork' : 'pair_join')} <button type="button" className="link" onClick={() => editor.show(pair)}>{editor.label(pair)}</button></p>}
          {!kind.config.some((setting) => setting.widget !== 'node') && !kind.attaches && <p className="row-hint">{t('nothing_to_set')}</p>}
        </div>
      )}
      <div className="props">
        <Row label={t('step_comment')} htmlFor={`${base}c`} hint={t('step_comment_help')}><textarea id={`${base}c`} className="in" rows={2} maxLength={2000} value={node.comment ?? ''} onChange={(event) => put({ comment: event.target.value || undefined }, 'comment')} /></Row>
        <button type="button" className="link danger" onClick={() => actions.remove(editor)}><Icon name="trash" size={16} />{t('delete_step')}</button>
      </div>
      <StepComments step={node.id} />
    </div>
  );
}

const SMALL = new Set(['select', 'switch', 'rows', 'list', 'people', 'access', 'message', 'calendar', 'connector', 'source', 'field', 'target']); // each change is a step of its own

/** Of a type that is not installed nobody here knows the settings: nothing is changed. */
function Missing({ node }) {
  const { t } = useEditor();
  return <div className="props"><p className="row-error"><Icon name="alert" size={16} /><span>{t('type_missing_step', { type: node.type })}</span></p></div>;
}

/** Which steps a clock covers. */
function Attach({ node, put }) {
  const editor = useEditor();
  const { t } = editor;
  useView((state) => state.content);
  const said = useView((state) => state.findings.filter((one) => one.node === node.id && one.field.startsWith('attach')));
  const now = Array.isArray(node.attach) ? node.attach : [];
  const waiting = editor.layout().walked.order.filter((id) => editor.kindOf(id).waits || now.includes(id));
  return (
    <div className="setting" data-setting="attach">
      <Row label={t('covers')}><Ticks label={t('covers')} value={now} options={waiting.map((id) => [id, editor.label(id)])} onChange={(attach) => put({ attach: attach || [] }, `attach ${attach?.length}`)} /></Row>
      {said.map((one) => <p key={one.message} className={`row-error ${one.level}`}><Icon name="alert" size={16} /><span>{one.message}</span></p>)}
    </div>
  );
}
