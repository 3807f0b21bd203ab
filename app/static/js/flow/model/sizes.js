// How large a card is: known before it is drawn, so that the layout needs no browser and export says the same as the screen.
import { wrap } from './text.js';

export const CARD = 240;
export const NAME = 14;
export const SUMMARY = 12;
const INNER = 212; // between the card's edges
const BESIDE_ICON = INNER - 28;

/** {w, h, name: lines, summary: lines} of a card. */
export function cardSize(name, summary) {
  const lines = wrap(name, BESIDE_ICON, NAME, 2);
  const told = summary ? wrap(summary, INNER, SUMMARY, 2) : [];
  return { w: CARD, h: 24 + lines.length * 20 + (told.length ? 2 + told.length * 17 : 0), name: lines, summary: told };
}
