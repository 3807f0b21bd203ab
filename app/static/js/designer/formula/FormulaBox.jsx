// A formula in the panel: shown with chips, opened in a window with room for fields, functions and a trial.
import { find } from '../model/content.js';
import { Icon } from '../icons.jsx';
import { useEditor, useView } from '../use.js';
import { pieces, refLabel } from './pieces.js';

export function Chips({ src }) {
  const editor = useEditor();
  const content = useView((state) => state.content);
  return pieces(src).map((piece, at) => (piece.ref ? <span key={at} className={`ref${refLabel(editor, content, piece.ref) ? '' : ' lost'}`}>{refLabel(editor, content, piece.ref) || editor.t('deleted_field')}</span> : <span key={at}>{piece.text}</span>));
}

export function FormulaBox({ id, value, onChange, field, label }) {
  const editor = useEditor();
  const { t } = editor;
  const parent = field ? find(editor.content, field.id)?.parent : null;
  const open = () => editor.open({ name: 'formula', src: value === '0' ? '' : value || '', table: parent?.id || null, except: field?.id, zero: field?.nulls_as_zero, label: field ? editor.label(field.id) : label, done: onChange });
  return (
    <button type="button" id={id} className="formula-box" onClick={open}>
      <span className="formula-src">{value && value !== '0' ? <Chips src={value} /> : <span className="none">{t('no_formula')}</span>}</span>
      <span className="formula-edit"><Icon name="pen" size={16} />{t('edit_formula')}</span>
    </button>
  );
}
