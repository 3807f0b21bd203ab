// Loaded when the first photo is chosen: makes it small before it travels. A failing compressor changes nothing.
import Compressor from 'compressorjs';

window.danflowCompress = (file, edge, quality) => new Promise((resolve) => {
  new Compressor(file, { maxWidth: edge, maxHeight: edge, quality, checkOrientation: true, convertSize: 1e7, success: resolve, error: () => resolve(file) });
});
