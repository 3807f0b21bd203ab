// Small helpers; everything else in this folder speaks through them.

export const form = document.getElementById('form');

/** The server's texts for scripts, in the page's language; `{name}` is filled from `params`. */
const texts = JSON.parse((document.getElementById('words') || { textContent: '{}' }).textContent);
export function say(key, params = {}) {
  return (texts[key] || key).replace(/\{(\w+)\}/g, (whole, name) => (name in params ? params[name] : whole));
}

/** Every element that matches, as an array. */
export const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

/** An element with properties and children; text is always set as text, never as markup. */
export function el(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

/** The box of a field by its name ("f_phone", "f_items.0.f_dish"). */
export const box = (name) => all('[data-f]', form).find((node) => node.dataset.f === name);

/** Something that a script needs cannot be had: show the ways that work without. */
export const plain = () => document.documentElement.classList.remove('js');

/** Fetch the scripts that fields inside `root` bring along; each once. */
const fetched = new Set();
export function scripts(root) {
  all('[data-script]', root).map((node) => node.dataset.script).filter((src) => !fetched.has(src)).forEach((src) => {
    fetched.add(src);
    document.head.appendChild(el('script', { src, async: false, onerror: plain }));
  });
}

/** What hands a file of a field over, or a piece of one: with the form's own token, and on staff pages the session's. */
export function parcel(name, file, fileName) {
  const body = new FormData();
  ['_token', 'csrf_token'].filter((key) => form.elements[key]).forEach((key) => body.append(key, form.elements[key].value));
  body.append('field', name);
  if (file) body.append('file', file, fileName || file.name || 'photo');
  return body;
}

/** Say something below the submit button; screen readers hear it. */
export function status(words) {
  const place = document.getElementById('state');
  if (place) place.textContent = words;
}

/** Show or clear the message below a field. */
export function setError(field, message) {
  const place = document.getElementById(`${field.dataset.f}-err`);
  field.classList.toggle('bad', Boolean(message));
  all('input,select,textarea', field).forEach((control) => {
    if (control.closest('[data-f]') === field) {
      if (message) control.setAttribute('aria-invalid', 'true');
      else control.removeAttribute('aria-invalid');
    }
  });
  if (place) place.replaceWith(el('div', { id: place.id }, ...(message ? [el('p', { className: 'err', textContent: message })] : [])));
}
