// The line a formula is written on. The browser edits it (so typing, selecting and input methods are its own); React only
// reads it. Chips are islands in it. Typing a label or 「{{」 offers what fits.
import { forwardRef, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react';
import { useEditor, useView } from '../use.js';
import { pieces, refLabel } from './pieces.js';

const HAIR = '\u200b'; // a place for the caret behind a chip
const WORD = /(?:\{\{\s*|[\p{L}_][\p{L}\p{N}_]*)$/u;

function draw(root, src, labelOf) {
  const nodes = pieces(src).flatMap((piece) => (piece.ref ? [chip(piece.ref, labelOf), document.createTextNode(HAIR)] : [document.createTextNode(piece.text)]));
  root.replaceChildren(...nodes);
}

function chip(path, labelOf) {
  const span = document.createElement('span');
  const label = labelOf(path);
  span.className = label ? 'ref' : 'ref lost';
  span.contentEditable = 'false';
  span.dataset.ref = path;
  span.textContent = label || path;
  return span;
}

const read = (root) => [...root.childNodes].map((node) => (node.dataset?.ref ? `{{${node.dataset.ref}}}` : node.textContent)).join('').replaceAll(HAIR, '').replace(/\u00a0/g, ' ');

export const FormulaInput = forwardRef(function FormulaInput({ id, src, onChange, onDone, offers, labelledBy, error, quiet = false }, handle) {
  const editor = useEditor();
  const content = useView((state) => state.content);
  const root = useRef(null);
  const caret = useRef(null); // where the line was left for a button beside it
  const [asked, setAsked] = useState(null); // {word, at}: what is being typed and which offer is lit
  const labelOf = (path) => refLabel(editor, content, path);
  const fitting = useMemo(() => (asked ? match(offers, asked.word) : []), [asked, offers]);

  useEffect(() => {
    draw(root.current, src, labelOf);
    if (!quiet) toEnd(root.current); // `quiet`: one line among many, which does not call the caret
    const note = () => {
      const selection = getSelection();
      if (selection.rangeCount && root.current?.contains(selection.anchorNode)) caret.current = selection.getRangeAt(0).cloneRange();
    };
    document.addEventListener('selectionchange', note);
    return () => document.removeEventListener('selectionchange', note);
  }, []); // afterwards the line is the browser's

  const told = () => {
    if (/\{\{[^{}]+\}\}/.test(root.current.textContent)) { // a reference typed or pasted by hand
      draw(root.current, read(root.current), labelOf);
      toEnd(root.current);
    }
    onChange(read(root.current));
  };
  const look = () => {
    const word = before(root.current).match(WORD)?.[0];
    setAsked(word ? { word, at: 0 } : null);
  };
  const insert = (offer, eaten = 0) => {
    const selection = getSelection();
    const here = document.activeElement === root.current && root.current.contains(selection.anchorNode);
    root.current.focus();
    if (here) selection.collapseToEnd();
    else if (caret.current?.startContainer.isConnected) {
      selection.removeAllRanges();
      selection.addRange(caret.current);
    } else toEnd(root.current);
    const range = selection.getRangeAt(0);
    if (eaten) range.setStart(range.endContainer, Math.max(range.endOffset - eaten, 0));
    range.deleteContents();
    const node = offer.path ? chip(offer.path, labelOf) : document.createTextNode(offer.sign ? ('()'.includes(offer.sign) ? offer.sign : ` ${offer.sign} `) : `${offer.name}(`);
    const end = document.createTextNode(offer.path ? HAIR : offer.sign ? '' : ')');
    range.insertNode(end);
    range.insertNode(node);
    selection.collapse(end, offer.path ? 1 : 0);
    caret.current = selection.getRangeAt(0).cloneRange();
    setAsked(null);
    onChange(read(root.current));
  };
  useImperativeHandle(handle, () => ({ insert }));

  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing) return;
    if (fitting.length && ['ArrowDown', 'ArrowUp'].includes(event.key)) {
      event.preventDefault();
      setAsked({ ...asked, at: (asked.at + (event.key === 'ArrowDown' ? 1 : -1) + fitting.length) % fitting.length });
    } else if (fitting.length && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      insert(fitting[asked.at], asked.word.length);
    } else if (event.key === 'Escape' && asked) {
      event.preventDefault();
      event.stopPropagation();
      setAsked(null);
    } else if (event.key === 'Enter') { // a formula is one line
      event.preventDefault();
      onDone();
    }
  };
  const listId = `${id}-offers`;
  return (
    <div className="formula-line">
      <div
        ref={root} id={id} data-first className={`in formula-input${error ? ' bad' : ''}`} contentEditable suppressContentEditableWarning spellCheck={false} role="combobox" aria-autocomplete="list"
        aria-expanded={fitting.length > 0} aria-controls={listId} aria-activedescendant={fitting.length ? `${listId}-${asked.at}` : undefined} aria-labelledby={labelledBy} aria-invalid={Boolean(error)} tabIndex={0}
        onInput={() => { told(); look(); }} onKeyDown={onKeyDown} onBlur={() => setTimeout(() => setAsked(null), 150)}
        onPaste={(event) => { event.preventDefault(); document.execCommand('insertText', false, event.clipboardData.getData('text/plain').replace(/\s*[\r\n]+\s*/g, ' ')); }}
      />
      <ul className="offers" id={listId} role="listbox" aria-label={editor.t('offers')} hidden={!fitting.length}>
        {fitting.map((offer, at) => (
          <li key={offer.path || offer.name} id={`${listId}-${at}`} role="option" aria-selected={at === asked.at} onMouseDown={(event) => { event.preventDefault(); insert(offer, asked.word.length); }}>
            <b>{offer.label || `${offer.name}()`}</b><span>{offer.group || offer.zh}</span>
          </li>
        ))}
      </ul>
    </div>
  );
});

/** Offers whose label or name begins with or holds the word; after 「{{」 every field. */
function match(offers, word) {
  const wanted = word.replace(/^\{\{\s*/, '').toLowerCase();
  if (word.startsWith('{{') && !wanted) return offers.filter((offer) => offer.path).slice(0, 8);
  const names = (offer) => (offer.path ? [offer.label] : offer.names).map((name) => name.toLowerCase());
  const begins = offers.filter((offer) => names(offer).some((name) => name.startsWith(wanted) && !(offer.names && name === wanted && name.length > 4)));
  const holds = offers.filter((offer) => !begins.includes(offer) && offer.path && names(offer).some((name) => name.includes(wanted)));
  const fields = (list) => list.filter((offer) => offer.path);
  return [...fields(begins), ...holds, ...begins.filter((offer) => !offer.path)].slice(0, 8);
}

function before(root) {
  const selection = getSelection();
  if (!selection.rangeCount || !root.contains(selection.anchorNode) || selection.anchorNode.nodeType !== Node.TEXT_NODE) return '';
  return selection.anchorNode.textContent.slice(0, selection.anchorOffset).replaceAll(HAIR, ' ');
}

function toEnd(root) {
  const selection = getSelection();
  selection.selectAllChildren(root);
  selection.collapseToEnd();
}
