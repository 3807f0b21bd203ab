// The phone page works without any of this; here it becomes quicker.
import { all, el, form, scripts } from './dom.js';
import * as check from './check.js';
import * as draft from './draft.js';
import * as filter from './filter.js';
import * as place from './place.js';
import * as rows from './rows.js';
import * as submit from './submit.js';
import * as uploads from './uploads.js';

document.documentElement.classList.add('js');

all('[data-sent]').forEach((page) => draft.clear(page.dataset.sent));

if (form) {
  [rows, uploads, draft, filter, check, place, submit].forEach((part) => part.start());
  scripts(form);
  if (form.dataset.core) document.head.appendChild(el('script', { src: form.dataset.core, async: false }));
}
const problems = document.getElementById('problems');
if (problems) problems.focus();
