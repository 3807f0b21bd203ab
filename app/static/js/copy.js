// Putting a text on the clipboard. Away from https the browser has no clipboard to ask for: then it is selected and copied.

export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused by the browser: the older way below may still be allowed.
    }
  }
  const box = document.createElement('textarea');
  box.value = text;
  box.style.position = 'fixed';
  box.style.opacity = '0';
  (document.querySelector('dialog[open]') || document.body).append(box); // under an open window nothing else takes the focus
  const before = document.activeElement;
  box.select();
  const done = document.execCommand('copy');
  box.remove();
  if (before) before.focus();
  return done;
}
