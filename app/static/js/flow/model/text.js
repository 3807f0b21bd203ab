// How wide text is, without a browser: a Chinese character is as wide as the type is high, a Latin letter about half of it.
// Good enough to know where a line ends; cards are drawn with the room this says.

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u2014\u2026\u201c\u201d\u2018\u2019]/;
const NARROW = /[ilj.,:;'|!()[\] tfrI]/;

const em = (letter) => (WIDE.test(letter) ? 1 : NARROW.test(letter) ? 0.34 : /[A-Z@%&mwMW]/.test(letter) ? 0.72 : 0.57);

export const width = (text, size) => [...text].reduce((sum, letter) => sum + em(letter), 0) * size;

/** Lines no wider than `room`, at most `most`, the last one cut with an ellipsis. Latin words stay whole where they can. */
export function wrap(text, room, size, most = 2) {
  const words = String(text).replace(/\s+/g, ' ').trim().match(/[\u0021-\u024f]+ ?|./gu) || [];
  const lines = [''];
  for (const word of words) {
    const pieces = width(word, size) > room ? [...word] : [word];
    for (const piece of pieces) {
      const last = lines[lines.length - 1];
      if (last && width((last + piece).trimEnd(), size) > room) lines.push(piece.trimStart());
      else lines[lines.length - 1] = last + piece;
    }
  }
  const tidy = lines.map((line) => line.trimEnd());
  if (tidy.length <= most) return tidy;
  let cut = tidy.slice(most - 1).join('');
  while (cut && width(`${cut}…`, size) > room) cut = [...cut].slice(0, -1).join('');
  return [...tidy.slice(0, most - 1), `${cut}…`];
}
