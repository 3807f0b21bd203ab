// Photos become small before they travel; without the compressor, or if it fails, they go as they are.
import { el, form } from './dom.js';

let compressor;
function load() {
  compressor = compressor || new Promise((resolve) => {
    const script = el('script', { src: form.dataset.compress });
    script.onload = () => resolve(window.danflowCompress);
    script.onerror = () => resolve(null);
    document.head.appendChild(script);
  });
  return compressor;
}

/** The file, or a smaller one whose longest edge is `edge` pixels. */
export async function shrunk(file, edge, quality) {
  if (!edge || !/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  const compress = await load();
  const smaller = compress && await compress(file, Number(edge), Number(quality));
  return smaller && smaller.size < file.size ? smaller : file;
}
