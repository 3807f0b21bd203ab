// Shortcuts are tables: what a key does and what the window says of it are the same row.
import assert from 'node:assert/strict';
import test from 'node:test';
import { touched } from '../../../app/static/js/flow/canvas/lasso.js';
import { CANVAS, IN_BARS, IN_PANEL, PAGE } from '../../../app/static/js/flow/keys.js';
import { OUTLINE } from '../../../app/static/js/flow/outline/keys.js';
import { chord, rowFor, shown } from '../../../app/static/js/flow/shortcuts.js';
import { words as common } from '../../../app/static/js/designer/words.js';
import { words } from '../../../app/static/js/flow/words.js';

const pressed = (key, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test('a key is known by its sign, whatever it takes to write it', () => {
  assert.equal(chord(pressed('z', { ctrlKey: true })), 'Ctrl+Z');
  assert.equal(chord(pressed('Z', { metaKey: true, shiftKey: true })), 'Ctrl+Shift+Z');
  assert.equal(chord(pressed('?', { shiftKey: true })), '?');
  assert.equal(chord(pressed('ArrowUp', { shiftKey: true })), 'Shift+ArrowUp');
  assert.equal(chord(pressed('ArrowUp', { altKey: true })), 'Alt+ArrowUp');
  assert.equal(chord(pressed(' ')), ' ');
});

test('keys are shown as they stand on the keyboard', () => {
  assert.equal(shown(['Ctrl+Y', 'Ctrl+Shift+Z']), 'Ctrl Y / Ctrl Shift Z');
  assert.equal(shown(['Shift+ArrowUp', 'Shift+ArrowDown']), 'Shift ↑ ↓');
  assert.equal(shown(['+', '=', 'Insert']), '+ = Ins');
  assert.equal(shown(['Enter', 'F2', ' ']), 'Enter F2 Space');
});

test('every row says what it does, and no key has two meanings in one place', () => {
  for (const rows of [PAGE, CANVAS, IN_PANEL, IN_BARS, OUTLINE]) {
    for (const row of rows) assert.ok({ ...common, ...words }[row.words], row.words);
    const keys = rows.flatMap((row) => row.keys || []);
    assert.equal(new Set(keys).size, keys.length);
    for (const row of rows) assert.ok(row.event ? row.shows : row.run, row.words);
  }
});

test('a row is found by its key, where it holds', () => {
  assert.equal(rowFor(CANVAS, pressed('Delete')).words, 'key_delete');
  assert.equal(rowFor(CANVAS, pressed('Delete', { ctrlKey: true })), undefined);
  assert.equal(rowFor(CANVAS, pressed('Enter'), (row) => !row.card), undefined);
  assert.equal(rowFor(PAGE, pressed('c', { ctrlKey: true })), undefined); // the browser's own event tells it
});

test('a frame selects what it touches', () => {
  const places = new Map([['a', { x: 0, y: 0, w: 10, h: 10 }], ['b', { x: 20, y: 0, w: 10, h: 10 }], ['c', { x: 40, y: 0, w: 10, h: 10 }]]);
  assert.deepEqual(touched(places, { x: 5, y: 5, w: 20, h: 1 }), ['a', 'b']);
  assert.deepEqual(touched(places, { x: 10, y: 0, w: 10, h: 10 }), []);
});
