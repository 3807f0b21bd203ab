// A photo of a code is read by the server and its text put into the field; it is not kept.
import { form, parcel, say, setError } from './dom.js';
import { shrunk } from './shrink.js';

const EDGE = 1280; // the server looks at no more

async function read(file, name) {
  const body = parcel(name, await shrunk(file, EDGE, 0.9));
  const answer = await fetch(form.dataset.uploads, {
    method: 'POST', body, headers: { Accept: 'application/json' }, credentials: 'same-origin',
  });
  const found = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(), { said: found.message });
  return found.text;
}

form.addEventListener('change', async (event) => {
  const input = event.target;
  if (!input.matches('[data-photo]') || !input.files.length) return;
  const [file] = input.files;
  const field = input.closest('[data-f]');
  const control = field.querySelector('.input');
  const busy = field.querySelector('[role=status]');
  input.value = ''; // the form itself must not send it a second time
  busy.hidden = false;
  setError(field, '');
  try {
    control.value = await read(file, field.dataset.f);
    control.dispatchEvent(new Event('input', { bubbles: true }));
  } catch (problem) {
    setError(field, problem.said || say('failed'));
  }
  busy.hidden = true;
});
