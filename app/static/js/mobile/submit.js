// One tap, one ticket: the button rests while the answer is on its way, and waits for files. The server has the
// last word (the form carries a key by which a second copy is recognised).
import { form, say, status } from './dom.js';
import { pending } from './uploads.js';

const REST_MS = 20000;

export function start() {
  const button = document.getElementById('submit');
  const words = button.textContent;
  let sent = false;
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
    } else if (pending()) {
      stop(event, say('wait_files', { n: pending() }));
    } else if (navigator.onLine === false) {
      stop(event, say('offline'));
    } else {
      sent = true;
      button.setAttribute('aria-disabled', 'true');
      button.textContent = say('submitting');
      timer = setTimeout(() => {
        wake();
        status(say('slow'));
      }, REST_MS);
    }
  });
  window.addEventListener('pageshow', wake); // back from the next page: the form is as it was, and may be sent again
  window.addEventListener('offline', () => status(say('offline')));
  window.addEventListener('online', () => status(''));
}
