// The flow as an SVG text of our own: what the canvas shows, without a browser's help, in a few kilobytes.
import { arrow, path } from './route.js';
import { labelWidth } from './layout.js';
import { NAME, SUMMARY } from './sizes.js';
import { wrap } from './text.js';

const PAD = 32;
const FONT = "PingFang SC, HarmonyOS Sans SC, MiSans, Microsoft YaHei, Noto Sans CJK SC, sans-serif";
const escaped = (text) => String(text).replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter]);

/** `laid`: layout(); `cards`: [{id, name: lines, summary: lines, tone, drawing}]; `lines`: [{id, label}]; `colors`: {bg, card, line, ink, sub,
    stroke, and each tone}. Gives {svg, w, h}. */
export function drawn(laid, { cards, lines, colors, title }) {
  const { x, y, w, h } = laid.box;
  const out = [];
  const [width, height] = [Math.ceil(w + 2 * PAD), Math.ceil(h + 2 * PAD)];
  for (const { points } of laid.clocks) if (points.length) out.push(`<path d="${path(points)}" fill="none" stroke="${colors.teal}" stroke-width="2" stroke-dasharray="2 4"/>`);
  for (const { id, label } of lines) {
    const course = laid.edges.get(id);
    if (!course) continue;
    out.push(`<path d="${path(course.points)}" fill="none" stroke="${colors.stroke}" stroke-width="1.5"/><path d="${arrow(course.points)}" fill="${colors.stroke}"/>`);
    if (label) out.push(words(course.label, label, colors));
  }
  for (const card of cards) out.push(box(laid.nodes.get(card.id), card, colors));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${x - PAD} ${y - PAD} ${width} ${height}" font-family="${FONT}"><title>${escaped(title)}</title><rect x="${x - PAD}" y="${y - PAD}" width="${width}" height="${height}" fill="${colors.bg}"/>${out.join('')}</svg>`;
  return { svg, w: width, h: height };
}

function words(at, label, colors) {
  const room = labelWidth(label, at.room);
  const x = at.start ? at.x : at.x - room / 2;
  return `<rect x="${x}" y="${at.y}" width="${room}" height="20" rx="4" fill="${colors.bg}"/><text x="${x + room / 2}" y="${at.y + 14}" font-size="12" fill="${colors.sub}" text-anchor="middle">${escaped(wrap(label, at.room - 12, 12, 1)[0])}</text>`;
}

function box(place, { name, summary, tone, drawing }, colors) {
  const { x, y, w, h } = place;
  const top = y + (h - name.length * 20 - (summary.length ? 2 + summary.length * 17 : 0)) / 2;
  const at = (n) => top + n * 20 + 15;
  const told = summary.map((line, n) => `<text x="${x + 16}" y="${top + name.length * 20 + 2 + n * 17 + 13}" font-size="${SUMMARY}" fill="${colors.sub}">${escaped(line)}</text>`);
  return `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="10" fill="${colors.card}" stroke="${colors.line}"/><path d="M${x + 5} ${y}v${h}a10 10 0 0 1 -5 -8v${16 - h}a10 10 0 0 1 5 -8z" fill="${colors[tone]}"/>`
    + `<g transform="translate(${x + 16} ${top})scale(.833)" fill="none" stroke="${colors[tone]}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="${drawing}"/></g>`
    + name.map((line, n) => `<text x="${x + 44}" y="${at(n)}" font-size="${NAME}" font-weight="600" fill="${colors.ink}">${escaped(line)}</text>`).join('') + told.join('');
}
