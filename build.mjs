// Bundles scripts and styles from app/static into app/static/dist. `--watch` rebuilds on change.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { build, context } from 'esbuild';
import { slimDecimal } from './app/static/js/core/slim.build.mjs';

const root = 'app/static';

// Name in dist → source. A page loads only what it names with asset("…").
const entries = {
  mobile: `${root}/js/mobile/index.js`, // the customer's form, where JavaScript runs
  live: `${root}/js/mobile/live.js`, // rules that run while typing; only on forms that have some
  pages: `${root}/js/mobile/pages.js`, // only on forms of several pages
  region: `${root}/js/mobile/region.js`, // this and the next: only where such a field stands on the page
  signature: `${root}/js/mobile/signature.js`,
  scan: `${root}/js/mobile/scan.js`,
  lookup: `${root}/js/mobile/lookup.js`,
  compress: `${root}/js/mobile/compress.js`, // fetched when the first photo is chosen
  expressions: `${root}/js/core/bundle.js`, // the evaluator alone, held against Python's by the vectors
  phone: `${root}/css/phone.css`,
  desk: `${root}/css/desk.css`, // staff pages, and their script below (an entry's name must be its own)
  'desk-page': `${root}/js/desk.js`,
  grid: `${root}/css/grid.css`, // tables that managers keep
  'grid-page': `${root}/js/grid.js`,
  designer: `${root}/css/designer.css`,
  flow: `${root}/css/flow.css`,
  'flow-canvas': `${root}/css/flow-canvas.css`, // what React Flow's own drawing needs, linked beside flow.css
};
// Drawing tables for managers, on desktops and tablets: modules that share one copy of React.
const islands = {
  designer: `${root}/js/designer/index.jsx`,
  flow: `${root}/js/flow/index.jsx`,
  'ticket-flow': `${root}/js/flow/live/index.jsx`, // a ticket on the flow it runs on
};

const present = (sources) => Object.fromEntries(Object.entries(sources).filter(([, source]) => existsSync(source)));

const options = {
  entryPoints: present(entries),
  outdir: `${root}/dist`,
  bundle: true,
  plugins: [slimDecimal],
  minify: true,
  format: 'iife',
  target: ['es2017', 'chrome66', 'safari12'], // what the built-in browsers of older phones are made of
  supported: { destructuring: true }, // esbuild distrusts old Safari's because of a corner that nobody here turns
  legalComments: 'none',
  logLevel: 'warning',
};

const { plugins: _, supported: __, ...shared } = options;
const modules = {
  ...shared,
  entryPoints: present(islands),
  format: 'esm',
  splitting: true,
  chunkNames: 'shared-[hash]',
  target: ['es2022'],
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
};

if (process.argv.includes('--watch')) {
  for (const each of [options, modules]) await (await context(each)).watch();
} else {
  await rm(options.outdir, { recursive: true, force: true });
  const results = await Promise.all([options, modules].map((each) => build(each)));
  process.exitCode = results.some((result) => result.warnings.length) ? 1 : 0;
}
