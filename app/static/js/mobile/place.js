// 「使用我的位置」: asks the phone once, on a tap. The text beside it always works.
import { all, form, say, setError } from './dom.js';

export function start() {
  if (!navigator.geolocation) return;
  all('[data-locate]', form).forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => {
      const field = button.closest('[data-f]');
      const put = (part, value) => {
        form.elements[`${field.dataset.f}.${part}`].value = value;
      };
      button.disabled = true;
      navigator.geolocation.getCurrentPosition((position) => {
        button.disabled = false;
        put('lat', position.coords.latitude.toFixed(6));
        put('lng', position.coords.longitude.toFixed(6));
        button.lastElementChild.textContent = say('located');
        field.dispatchEvent(new Event('change', { bubbles: true }));
      }, () => {
        button.disabled = false;
        setError(field, say('no_place'));
      }, { timeout: 10000, maximumAge: 60000 });
    });
  });
}
