// One tap, one ticket: the button rests while the answer is on its way, and waits for files. The server has the
// last word (the form carries a key by which a second copy is recognised).
import { form, say, status } from './dom.js';
import { pending } from './uploads.js';

const REST_MS = 20000;
const REACH_MS = 8000;

/** Whether the server answers: a form that is sent into the void is replaced by the browser's own page. */
const reached = () => Promise.race([
  fetch('/livez', { cache: 'no-store' }).then((answer) => answer.ok, () => false),
  new Promise((resolve) => { setTimeout(resolve, REACH_MS, false); }),
]);

export function start() {
  const button = document.getElementById('submit');
  const words = button.textContent;
  let sent = false;
  let there = false;
  let pressed = button;
  let timer;
  const wake = () => {
    sent = false;
    clearTimeout(timer);
    button.removeAttribute('aria-disabled');
    button.textContent = words;
  };
  const stop = (event, message) => {
    event.preventDefault();
    status(message);
  };
  form.addEventListener('submit', (event) => {
    if (sent) {
      event.preventDefault();
    } else if (navigator.onLine === false) {
      stop(event, say('offline'));
    } else if (pending()) {
      stop(event, say('wait_files', { n: pending() }));
    } else {
      sent = true;
      button.setAttribute('aria-disabled', 'true');
      button.textContent = say('submitting');
      if (there) {
        timer = setTimeout(() => {
          wake();
          status(say('slow'));
        }, REST_MS);
        return;
      }
      event.preventDefault();
      reached().then((yes) => {
        wake();
        there = yes;
        if (yes) pressed.click();
        else status(say('unreachable'));
        there = false;
      });
    }
  });
  form.addEventListener('click', (event) => {
    pressed = event.target.closest('button') || pressed;
  }, true);
  window.addEventListener('pageshow', wake); // back from the next page: the form is as it was, and may be sent again
  window.addEventListener('offline', () => status(say('offline')));
  window.addEventListener('online', () => status(''));
}
