// The flow as a picture to take away.
import { drawing } from '../icons.jsx';
import { index } from '../model/content.js';
import { drawn } from '../model/svg.js';

const MOST_PX = 8000; // of a side of a PNG: what browsers still draw
const COLORS = { bg: '--bg', card: '--card', line: '--line', ink: '--ink', sub: '--sub', stroke: '--line-strong', brand: '--brand', violet: '--violet', teal: '--teal', amber: '--amber', green: '--green' };

function colors() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(Object.entries(COLORS).map(([key, name]) => [key, style.getPropertyValue(name).trim()]));
}

/** {svg, w, h} of what the guided view shows. */
export function picture(editor) {
  const laid = editor.layout();
  const { at } = index(editor.shown);
  const cards = [...laid.nodes.keys()].map((id) => {
    const kind = editor.kindOf(id);
    return { id, ...editor.size(editor.node(id)), tone: editor.tone(kind), drawing: drawing(kind) };
  });
  const lines = [...laid.edges.keys()].map((id) => {
    const { source, port } = at.get(id);
    const ways = laid.ports.get(source);
    const several = ways.length > 1 || editor.kindOf(source).attaches;
    return { id, label: several ? editor.say(ways.find((way) => way.port === port)?.label) : '' };
  });
  return drawn(laid, { cards, lines, colors: colors(), title: editor.say(editor.content.name) });
}

function give(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Download it; `kind`: "svg" | "png". */
export async function take(editor, kind) {
  const { svg, w, h } = picture(editor);
  const blob = new Blob([svg], { type: 'image/svg+xml' });
  const name = `${editor.say(editor.content.name) || editor.content.key}.${kind}`;
  if (kind === 'svg') give(blob, name);
  else give(await painted(blob, w, h), name);
  editor.tell(editor.t('exported', { name }));
}

async function painted(blob, w, h) {
  const scale = Math.min(2, MOST_PX / Math.max(w, h));
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [Math.ceil(w * scale), Math.ceil(h * scale)];
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => canvas.toBlob(done, 'image/png'));
}
