// Files go up while the rest of the form is being filled in; only the id stays in the form. A large one goes in pieces:
// after a lost connection, a restart of the server or a reload of the page it goes on where the server says it stopped.
import { all, el, form, parcel, say, setError, status } from './dom.js';
import { shrunk } from './shrink.js';

const PIECE = 491520; // what a lost connection costs at most; the server takes up to 500 KB without a file of its own for it
const AT_ONCE = 2; // more would only share the line
const TRIES = 8; // in a row, each after a longer rest, before a tap is asked for
const LONGEST_REST_MS = 30000;
const STALL_MS = 60000; // a piece on a slow line takes its time, but never stands still for so long

/** How many files are still on their way. */
export const pending = () => all('[data-sending]', form).length;

const kilobytes = (bytes) => (bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`);

function press(words, more) {
  return Object.assign(el('button', { className: 'btn tiny', type: 'button', textContent: words }), more);
}

/** An item of a field's list, of which nothing is there yet. */
function draw(item, name) {
  const note = el('span');
  const cross = press('✕');
  cross.setAttribute('data-drop', '');
  cross.setAttribute('aria-label', say('remove', { name }));
  note.setAttribute('role', 'status');
  item.className = 'file';
  item.textContent = '';
  item.append(el('span', { className: 'file-name', textContent: name }, el('small', {}, note)), cross);
  return note;
}

/** The item of a file that the server has; a draft keeps what is told here. */
function drawStored(item, kept) {
  draw(item, kept.name).textContent = kept.note;
  item.append(el('input', { type: 'hidden', name: kept.f, value: kept.id }));
  if (kept.image) item.prepend(el('img', { src: form.dataset.files + kept.id, alt: '' }));
  item.keep = kept;
}

function fail(item, note, words, button) {
  item.classList.add('failed');
  note.textContent = words;
  if (button) item.insertBefore(button, item.lastChild);
}

// ---- one request --------------------------------------------------------------------------------------------------------

/** Sends a piece; resolves to what the server says, rejects with its refusal, {retry} or {gone}. */
function send(job, piece, moved) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = parcel(job.f, piece, job.file.name);
    if (job.id) body.append('offset', job.offset);
    else body.append('size', job.blob.size);
    request.open('POST', form.dataset.uploads + (job.id ? `/${job.id}` : ''));
    request.setRequestHeader('Accept', 'application/json');
    request.responseType = 'json';
    let stalled = false;
    let watch;
    const moving = (event) => {
      if (event) moved(event.loaded * (piece.size / (event.total || 1)));
      clearTimeout(watch);
      watch = setTimeout(() => {
        stalled = true;
        request.abort();
      }, STALL_MS);
    };
    request.upload.onprogress = moving;
    request.onload = () => {
      const said = request.response || {};
      const { status: code } = request;
      if (code === 201 || code === 202) resolve(said);
      else reject({ code, message: said.message, retry: code === 429 || code === 408 || said.code === 'upload_busy' || (code >= 500 && code !== 507), full: code === 507 });
    };
    request.onerror = () => reject({ retry: true });
    request.onabort = () => reject({ retry: stalled, gone: !stalled });
    request.onloadend = () => clearTimeout(watch);
    job.abort = () => request.abort();
    moving();
    request.send(body);
  });
}

/** Resolves when it is worth trying again: after a while, when the line is back, or at a tap. */
function rest(tries, button) {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      window.removeEventListener('online', go);
      resolve();
    };
    const timer = setTimeout(go, Math.min(LONGEST_REST_MS, 1000 * 2 ** tries * (0.75 + Math.random() / 2)));
    window.addEventListener('online', go);
    button.addEventListener('click', go);
  });
}

// ---- one file -------------------------------------------------------------------------------------------------------------

let running = 0;
const line = [];

function next() {
  if (running >= AT_ONCE || !line.length) return;
  running += 1;
  line.shift()().then(() => {
    running -= 1;
    next();
  });
  next();
}

/** Sends all of it, piece by piece; resolves to the stored file, or rejects with why not. */
async function deliver(job, item, note) {
  const bar = el('progress', { max: 1, value: 0 });
  const share = el('span');
  const moved = (bytes) => {
    bar.value = Math.min(1, (job.offset + bytes) / (job.blob.size || 1));
    share.textContent = ` ${Math.floor(bar.value * 100)}%`;
  };
  bar.setAttribute('aria-label', job.file.name);
  share.setAttribute('aria-hidden', 'true'); // the bar says it to those who ask
  note.after(share);
  note.parentNode.after(bar);
  try {
    for (let tries = 0; ;) {
      try {
        note.textContent = say('sending');
        moved(0);
        const said = await send(job, job.blob.slice(job.offset, job.offset + PIECE), moved);
        if (said.name) return said;
        tries = said.offset > job.offset ? 0 : tries + 1;
        if (tries > TRIES) throw { retry: true };
        job.id = said.id;
        job.offset = said.offset;
        keep(job, item);
      } catch (problem) {
        if (item.over) throw { gone: true };
        if (navigator.onLine !== false) tries += 1;
        if (problem.code === 404 && job.id && tries <= TRIES) Object.assign(job, { id: '', offset: 0 }); // no longer kept there: anew
        else if (!problem.retry || tries > TRIES) throw problem;
        else {
          const button = press(say('retry'));
          note.textContent = say(problem.code ? 'busy' : 'waiting');
          item.classList.add('waiting');
          item.insertBefore(button, item.lastChild);
          await rest(tries, button);
          item.classList.remove('waiting');
          button.remove();
          if (item.over) throw { gone: true };
        }
      }
    }
  } finally {
    share.remove();
    bar.remove();
  }
}

/** What a draft remembers of a file that is half there: by these it is known when it is chosen again. */
function keep(job, item) {
  const { file } = job;
  item.keep = job.blob === file ? { f: job.f, id: job.id, offset: job.offset, name: file.name, size: file.size, at: file.lastModified } : null;
  form.dispatchEvent(new Event('keep'));
}

function upload(file, input, item, known = { id: '', offset: 0 }) {
  const field = input.closest('[data-f]');
  const note = draw(item, file.name);
  const job = { file, f: field.dataset.f, id: known.id, offset: known.offset, blob: known.blob };
  note.textContent = say('sending');
  item.setAttribute('data-sending', '');
  item.stop = () => {
    item.over = true;
    if (job.abort) job.abort();
    if (job.id) withdraw(job);
  };
  line.push(async () => {
    if (item.over) return;
    try {
      job.blob = job.blob || await shrunk(file, input.dataset.edge, input.dataset.quality);
      const stored = await deliver(job, item, note);
      drawStored(item, { f: job.f, id: stored.id, name: file.name, note: kilobytes(stored.size), image: stored.kind === 'image' });
      setError(field, '');
      item.removeAttribute('data-sending');
      input.dispatchEvent(new Event('change', { bubbles: true }));
    } catch (problem) {
      const again = problem.retry || problem.full ? press(say('retry'), { onclick: () => upload(file, input, item, job) }) : null;
      if (!item.over) fail(item, note, problem.message || say('failed'), again);
      if (problem instanceof Error) throw problem;
    } finally {
      item.removeAttribute('data-sending');
      if (!pending()) status('');
    }
  });
  next();
}

/** The server need not keep what came of it; if it does not hear this, it forgets it in a day. */
function withdraw(job) {
  const request = new XMLHttpRequest();
  request.open('DELETE', `${form.dataset.uploads}/${job.id}`);
  request.send(parcel(job.f));
}

// ---- a field's list ------------------------------------------------------------------------------------------------------

const same = (kept, file) => kept.name === file.name && kept.size === file.size && kept.at === file.lastModified;

function choose(input, files) {
  const field = input.closest('[data-f]');
  const list = field.querySelector('[data-files]');
  const fresh = files.filter((file) => {
    const half = Array.from(list.children).find((item) => item.half && same(item.keep, file));
    if (half) {
      half.half = false;
      upload(file, input, half, half.keep);
    }
    return !half;
  });
  const room = Math.max(0, Number(input.dataset.max) - list.children.length);
  input.value = ''; // the form itself must not send them a second time
  setError(field, fresh.length > room ? say('too_many', { n: input.dataset.max }) : '');
  fresh.slice(0, room).forEach((file) => {
    const item = list.appendChild(el('li'));
    const shrinks = input.dataset.edge && file.type.startsWith('image/');
    if (file.size > Number(input.dataset.mb) * 1048576 && !shrinks) fail(item, draw(item, file.name), say('too_large', { mb: input.dataset.mb }));
    else upload(file, input, item);
  });
}

/** Files of a draft: those that the server has stand there again; one that is half there waits to be chosen again. */
export function restore(kept) {
  kept.forEach((file) => {
    const field = all('[data-f]', form).find((node) => node.dataset.f === file.f);
    const list = field && field.querySelector('[data-files]');
    const input = field && field.querySelector('input[type=file]');
    if (!list || list.children.length >= Number(input.dataset.max) || all('input', list).some((one) => one.value === file.id)) return;
    const item = list.appendChild(el('li'));
    if (file.offset) {
      item.half = true;
      item.keep = file;
      draw(item, file.name).textContent = say('half', { n: Math.floor((file.offset / file.size) * 100) });
      item.classList.add('waiting');
      item.insertBefore(press(say('choose_file'), { onclick: () => input.click() }), item.lastChild);
      item.stop = () => withdraw(file);
      return;
    }
    drawStored(item, file);
    fetch(form.dataset.files + file.id, { method: 'HEAD', credentials: 'same-origin' }).then((answer) => {
      if (answer.status !== 404) return;
      item.keep = null;
      fail(item, draw(item, file.name), say('file_gone'));
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }, () => {}); // no connection: it is judged when the form is sent
  });
}

export function start() {
  all('.file', form).forEach((item) => {
    const input = item.querySelector('input');
    const name = item.querySelector('.file-name');
    if (input) item.keep = { f: input.name, id: input.value, name: name.firstChild.textContent, note: name.lastChild.textContent, image: Boolean(item.querySelector('img')) };
  });
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
