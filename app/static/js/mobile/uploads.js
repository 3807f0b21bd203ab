// Files go up while the rest of the form is being filled in. Only the id stays in the form.
import { all, el, form, parcel, say, setError, status } from './dom.js';
import { shrunk } from './shrink.js';

let running = 0;

/** How many files are still on their way. */
export const pending = () => running;

const STALL_MS = 60000; // a large file on a slow line takes its time, but never stands still for so long

const kilobytes = (bytes) => (bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`);

function cross(name) {
  const button = el('button', { className: 'btn tiny', type: 'button', textContent: '✕' });
  button.setAttribute('data-drop', '');
  button.setAttribute('aria-label', say('remove', { name }));
  return button;
}

function send(file, input, item, bar) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = parcel(input.closest('[data-f]').dataset.f, file);
    request.open('POST', form.dataset.uploads);
    request.setRequestHeader('Accept', 'application/json');
    request.responseType = 'json';
    let stalled = false;
    let watch;
    const moving = () => {
      clearTimeout(watch);
      watch = setTimeout(() => {
        stalled = true;
        request.abort();
      }, STALL_MS);
    };
    request.upload.onprogress = (event) => {
      moving();
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    };
    request.onload = () => (request.status === 201 ? resolve(request.response) : reject(request.response || {}));
    request.onerror = () => reject({ retry: true });
    item.stop = () => request.abort();
    request.onabort = () => reject(stalled ? { retry: true } : { gone: true });
    request.onloadend = () => clearTimeout(watch);
    moving();
    request.send(body);
  });
}

async function upload(file, input, item) {
  const name = el('span', { className: 'file-name', textContent: file.name });
  const note = el('small', { textContent: say('sending') });
  const bar = el('progress', { max: 1, value: 0 });
  bar.setAttribute('aria-label', file.name);
  name.append(note, bar);
  item.className = 'file';
  item.replaceChildren ? item.replaceChildren(name, cross(file.name)) : (item.textContent = '', item.append(name, cross(file.name)));
  running += 1;
  try {
    const stored = await send(await shrunk(file, input.dataset.edge, input.dataset.quality), input, item, bar);
    bar.remove();
    note.textContent = kilobytes(stored.size);
    item.append(el('input', { type: 'hidden', name: input.closest('[data-f]').dataset.f, value: stored.id }));
    if (stored.kind === 'image') item.prepend(el('img', { src: form.dataset.files + stored.id, alt: '' }));
    setError(input.closest('[data-f]'), '');
    input.dispatchEvent(new Event('change', { bubbles: true }));
  } catch (problem) {
    bar.remove();
    item.classList.add('failed');
    note.textContent = problem.message || say('failed');
    if (problem.retry) {
      const again = el('button', { className: 'btn tiny', type: 'button', textContent: say('retry') });
      again.addEventListener('click', () => upload(file, input, item));
      item.insertBefore(again, item.lastChild);
    }
    if (problem instanceof Error) throw problem;
  } finally {
    running -= 1;
    if (!running) status('');
  }
}

function choose(input, files) {
  const list = input.closest('[data-f]').querySelector('[data-files]');
  const room = Number(input.dataset.max) - list.children.length;
  input.value = ''; // the form itself must not send them a second time
  setError(input.closest('[data-f]'), files.length > room ? say('too_many', { n: input.dataset.max }) : '');
  files.slice(0, Math.max(0, room)).forEach((file) => {
    const item = list.appendChild(el('li'));
    const shrinks = input.dataset.edge && file.type.startsWith('image/');
    if (file.size > Number(input.dataset.mb) * 1048576 && !shrinks) {
      item.className = 'file failed';
      item.append(el('span', { className: 'file-name', textContent: file.name }, el('small', { textContent: say('too_large', { mb: input.dataset.mb }) })), cross(file.name));
    } else {
      upload(file, input, item);
    }
  });
}

export function start() {
  form.addEventListener('change', (event) => {
    if (event.target.matches('[type=file]:not([data-photo])') && event.target.files.length) choose(event.target, Array.from(event.target.files));
  });
  form.addEventListener('give', (event) => choose(event.target, event.detail)); // a file that a script made
  form.addEventListener('click', (event) => {
    const button = event.target.closest('.file [data-drop]');
    if (!button) return;
    event.preventDefault();
    const item = button.closest('.file');
    const field = item.closest('[data-f]');
    if (item.stop) item.stop();
    item.remove();
    field.querySelector('input[type=file]').focus();
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });
  all('input[type=file]', form).forEach((input) => {
    ['dragenter', 'dragover'].forEach((kind) => input.addEventListener(kind, () => input.parentNode.classList.add('over')));
    ['dragleave', 'drop'].forEach((kind) => input.addEventListener(kind, () => input.parentNode.classList.remove('over')));
  });
}
