// What node types are drawn with, on a 24 grid, in the colour of the text beside them; the rest is the form designer's set.
// The server refuses a plugin's step with an icon that is not in icons.json.
import { Icon as Common, has as known } from '../designer/icons.jsx';
import PATHS from './icons.json';

/** Icons of groups, for types that name one nobody drew. */
const OF_GROUP = { trigger: 'zap', task: 'clipboard-check', assign: 'user-check', branch: 'split', notify: 'bell', wait: 'hourglass', timer: 'clock', data: 'database', action: 'webhook', flow: 'repeat', missing: 'unplug' };

/** The drawing of a node type. */
export const drawing = (kind) => PATHS[kind.icon] || PATHS[OF_GROUP[kind.group]] || PATHS.box;

export function KindIcon({ kind, size = 20 }) {
  return <svg className="i" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={drawing(kind)} /></svg>;
}

export function Icon({ name, size = 20 }) {
  if (known(name) && !PATHS[name]) return <Common name={name} size={size} />;
  return <svg className="i" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={PATHS[name] || PATHS.box} /></svg>;
}
