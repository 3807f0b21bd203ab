// A masked answer is shown in its place, without the page and what was typed on it going away, and hides again by itself.
import { all } from './mobile/dom.js';

const SHOWN_MS = 60_000;

const place = (page, field) => all('[data-answer]', page).find((node) => node.dataset.answer === field);

async function show(ask, button) {
  const masked = ask.closest('[data-answer]');
  button.setAttribute('aria-busy', 'true');
  const body = new FormData(ask);
  body.append(button.name, button.value);
  let page;
  try {
    const answer = await fetch(ask.action, { method: 'POST', body, signal: AbortSignal.timeout(15_000) });
    page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  } catch {
    return; // no connection: the button is there to be pressed again, and the page says that it is offline
  } finally {
    button.removeAttribute('aria-busy');
  }
  const shown = place(page, masked.dataset.answer);
  if (!shown || !shown.querySelector('[data-hide]')) {
    refused(masked, page.getElementById('refused'));
    return;
  }
  masked.replaceWith(shown);
  const [old, told] = [document.querySelector('.time'), page.querySelector('.time')];
  if (old && told) old.replaceWith(told);
  const hide = () => {
    if (!shown.isConnected) return;
    const inside = shown.contains(document.activeElement);
    shown.replaceWith(masked);
    if (inside) masked.querySelector('button').focus();
  };
  const link = shown.querySelector('[data-hide]');
  link.addEventListener('click', (event) => {
    event.preventDefault();
    hide();
  });
  link.focus();
  setTimeout(hide, SHOWN_MS);
  window.addEventListener('pagehide', hide, { once: true });
}

/** What the server said instead, once. */
function refused(masked, said) {
  if (!said) {
    window.location.reload(); // signed out meanwhile, or the ticket is gone: the page itself tells it best
    return;
  }
  all('[role=alert]', masked).forEach((note) => note.remove());
  said.removeAttribute('id');
  masked.append(said);
}

document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-reveal]') || !event.submitter) return;
  event.preventDefault();
  show(event.target, event.submitter);
});
