// Signing with a finger. The drawing goes up like a photo when the form is sent; a photo instead is always possible.
import SignaturePad from 'signature_pad';
import { all, form, say, setError, status } from './dom.js';

const INK = { penColor: '#1b2130', backgroundColor: '#ffffff', minWidth: 1, maxWidth: 3 }; // paper is white in any theme

function open(box) {
  const field = box.closest('[data-f]');
  const list = field.querySelector('[data-files]');
  const input = field.querySelector('input[type=file]');
  const canvas = box.querySelector('canvas');
  const [undo, clear] = ['undo', 'clear'].map((name) => box.querySelector(`[data-${name}]`));
  const pad = new SignaturePad(canvas, INK);
  let width = 0;

  const tell = () => {
    undo.disabled = clear.disabled = pad.isEmpty();
    box.classList.toggle('signed', !pad.isEmpty());
    box.strokes = pad.isEmpty() ? null : pad.toData(); // for the draft
  };
  const draw = (strokes) => {
    if (strokes.length) pad.fromData(strokes);
    else pad.clear();
    tell();
  };
  /** A canvas has its own pixels: as many as the screen, anew when it turns or when a rule shows the field. */
  const fit = () => {
    const stored = list.children.length > 0;
    box.hidden = stored;
    input.parentNode.hidden = stored;
    if (stored || !canvas.offsetWidth || canvas.offsetWidth === width) return;
    const strokes = box.strokes || [];
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    width = canvas.offsetWidth;
    canvas.width = width * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext('2d').scale(ratio, ratio);
    draw(strokes);
  };
  pad.addEventListener('beginStroke', () => setError(field, ''));
  pad.addEventListener('endStroke', () => {
    tell();
    form.dispatchEvent(new Event('keep'));
  });
  undo.addEventListener('click', () => draw(pad.toData().slice(0, -1)));
  clear.addEventListener('click', () => draw([]));
  window.addEventListener('resize', fit);
  form.addEventListener('input', () => requestAnimationFrame(fit));
  form.addEventListener('change', () => requestAnimationFrame(fit));
  fit();

  return {
    /** Whether something was drawn that the server has not got. */
    waits: () => !pad.isEmpty() && !all('input[type=hidden]', field).length,
    /** Hand the drawing over; resolves when the server has it. */
    give: () => new Promise((resolve) => {
      all('.failed', list).forEach((item) => item.remove());
      field.addEventListener('change', function stored() {
        if (!all('input[type=hidden]', field).length) return;
        field.removeEventListener('change', stored);
        pad.clear();
        tell();
        resolve();
      });
      // At once: toBlob would wait for the browser to have nothing else to do.
      const bytes = Uint8Array.from(atob(pad.toDataURL().split(',')[1]), (letter) => letter.charCodeAt(0));
      const file = new File([bytes], 'signature.png', { type: 'image/png' });
      input.dispatchEvent(new CustomEvent('give', { bubbles: true, detail: [file] }));
    }),
  };
}

const pads = all('[data-sign]', form).map(open);
const WAIT_MS = 20000;
let pressed = null;
document.addEventListener('click', (event) => {
  pressed = event.target.closest('button') || pressed;
}, true);
document.addEventListener('submit', (event) => {
  const waiting = pads.filter((pad) => pad.waits());
  if (event.target !== form || !waiting.length || navigator.onLine === false) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  status(say('signing'));
  const button = pressed;
  const begun = Date.now();
  Promise.all(waiting.map((pad) => pad.give())).then(() => {
    status('');
    if (Date.now() - begun < WAIT_MS) button.click(); // later, whoever pressed it is no longer waiting for it
  });
}, true);
