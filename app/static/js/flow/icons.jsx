// What node types are drawn with, on a 24 grid, in the colour of the text beside them; the rest is the form designer's set.
import { Icon as Common, has as known } from '../designer/icons.jsx';

export const PATHS = {
  'message-square': 'M4.5 5h15v11h-9l-4 3.5V16h-2z',
  'file-text': 'M6.5 3.5h7l4.5 4.5v12.5h-11.5zM13 3.5V8.5h5M9 12.5h6M9 16h6',
  tags: 'M3.5 4.5h7l8 8-6.5 6.5-8.5-8.5zM7.3 8.2v.1M14.5 4.5l6 6',
  split: 'M12 20.5V13L5.5 6.5M12 13l6.5-6.5M5 10.5V6h4.5M14.5 6H19v4.5',
  'git-fork': 'M12 3.5v6M12 9.5c0 3-6 2-6 6v4.5M12 9.5c0 3 6 2 6 6v4.5M12 9.5v10.5M3.8 17.8L6 20l2.2-2.2M15.8 17.8L18 20l2.2-2.2',
  'git-merge': 'M6 4v4.5c0 4 6 3 6 6M18 4v4.5c0 4-6 3-6 6M12 14.5V20.5M9.5 18l2.5 2.5 2.5-2.5',
  'user-check': 'M9.5 4.5a3.7 3.7 0 1 0 0 7.4a3.7 3.7 0 1 0 0-7.4zM3 20c.8-3.6 3.4-5.2 6.5-5.2 2.2 0 4.2.8 5.4 2.5M16 10.5l2 2 3.5-4',
  'trending-up': 'M3.5 17.5l6-6 4 4 7-8M15.5 7.5h5v5',
  hand: 'M8 12V6.2a1.4 1.4 0 0 1 2.8 0V11V4.7a1.4 1.4 0 0 1 2.8 0V11V6.2a1.4 1.4 0 0 1 2.8 0V14.5c0 3.7-2 6-5.2 6-2.6 0-4-1.2-5.4-3.7l-2-3.8c.9-1.2 2.2-1 3 .2z',
  'clipboard-check': 'M8.5 5H6v15.5h12V5h-2.5M9 3.5h6V7H9zM9 13.5l2.2 2.2 4-4.4',
  stamp: 'M5 20.5h14M6 17h12v-2.5c0-1-.8-1.5-2-1.5h-2.5c-.4-2 .8-3.3.8-5.2a2.8 2.8 0 0 0-5.6 0c0 1.9 1.2 3.2.8 5.2H8c-1.2 0-2 .5-2 1.5z',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4',
  send: 'M20.5 3.5L10.4 13.6M20.5 3.5l-6.4 17-3.7-6.9-6.9-3.7z',
  'alarm-clock': 'M12 6a7.2 7.2 0 1 0 0 14.4a7.2 7.2 0 1 0 0-14.4zM12 9.5v4l2.5 1.5M3.5 7L7 3.8M20.5 7L17 3.8',
  'message-circle-question': 'M12 4a8 8 0 0 0-7 11.8L4 20l4.3-1A8 8 0 1 0 12 4zM10 9.6c.3-2.6 4.4-2.3 4 .4-.2 1.3-2 1.6-2 3M12 15.6v.1',
  webhook: 'M9 9.5H5.5v5H9M15 9.5h3.5v5H15M9 7v10h6V7zM2.5 12h3M18.5 12h3',
  repeat: 'M17 3.5L20 6.5l-3 3M20 6.5H8a4 4 0 0 0-4 4v1M7 20.5l-3-3 3-3M4 17.5h12a4 4 0 0 0 4-4v-1',
  'circle-stop': 'M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17zM9 9h6v6H9z',
  unplug: 'M9 4.5V8M14.5 4.5V8M7 8h9.5v3.5a4.7 4.7 0 0 1-9.5 0zM11.8 16v4.5M4 4l16 16',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17zM12 7.5v4.8l3.2 1.9',
  hourglass: 'M6.5 3.5h11M6.5 20.5h11M8 3.5c0 5 3.5 5.5 3.5 8.5s-3.5 3.5-3.5 8.5M16 3.5c0 5-3.5 5.5-3.5 8.5s3.5 3.5 3.5 8.5',
  search: 'M11 4.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13zM16 16l4.5 4.5',
  database: 'M12 4c4.4 0 7.5 1.2 7.5 2.8S16.4 9.6 12 9.6 4.5 8.4 4.5 6.8 7.6 4 12 4zM4.5 6.8v10.4c0 1.6 3.1 2.8 7.5 2.8s7.5-1.2 7.5-2.8V6.8M4.5 12c0 1.6 3.1 2.8 7.5 2.8s7.5-1.2 7.5-2.8',
  copy: 'M9 9h10.5v10.5H9zM5.5 15H4.5V4.5H15v1',
  users: 'M9.5 4.5a3.7 3.7 0 1 0 0 7.4a3.7 3.7 0 1 0 0-7.4zM3 20c.8-3.6 3.4-5.2 6.5-5.2s5.7 1.6 6.5 5.2M16 5.2a3.4 3.4 0 0 1 0 6.2M18.5 15.3c1.5.8 2.4 2.3 2.8 4.2',
  calendar: 'M4.5 6h15v14h-15zM4.5 10h15M8.5 3.5V7M15.5 3.5V7',
  zap: 'M13 3.5L5 13.5h6l-1 7 8-10h-6z',
  'square-pen': 'M12 4.5H4.5v15h15V12M9.5 14.5l.7-3L18.5 3.2l2.3 2.3-8.3 8.3z',
  merge: 'M7 4v5.5l5 5M17 4v5.5l-5 5v6M9.5 18l2.5 2.5 2.5-2.5',
  'messages-square': 'M3.5 4.5h11V13H8l-3 2.5V13H3.5zM9 16.5v1h7.5l3 2.5v-2.5h1V9h-3',
  'satellite-dish': 'M4.5 10.5a9.5 9.5 0 0 0 9 9zM9 15l4.5-4.5M13 4.5a6.5 6.5 0 0 1 6.5 6.5M13 8a3 3 0 0 1 3 3',
  contact: 'M4.5 4h15v16.5h-15zM12 8a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 1 0 0-5.2zM7.5 18c.8-2.4 2.6-3.3 4.5-3.3s3.7.9 4.5 3.3M8 2.5V5M16 2.5V5',
  'git-pull-request': 'M6 4a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4zM6 8.4V20M18 15.6a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4zM18 15.6V9c0-2-1-3-3-3h-3.5M14 3.5L11.5 6 14 8.5',
  key: 'M8 10.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9zM11.2 12L20 3.5M16 7.5l3 3',
  box: 'M4.5 8L12 4l7.5 4v8.5L12 20.5l-7.5-4zM4.5 8L12 12l7.5-4M12 12v8.5',
  'zoom-in': 'M11 4.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13zM16 16l4.5 4.5M11 8v6M8 11h6',
  'zoom-out': 'M11 4.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13zM16 16l4.5 4.5M8 11h6',
  fit: 'M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15',
  list: 'M9 6h11M9 12h11M9 18h11M4.5 6v.1M4.5 12v.1M4.5 18v.1',
  flow: 'M8.5 3.5h7v5h-7zM3.5 15.5h7v5h-7zM13.5 15.5h7v5h-7zM12 8.5v3.5M7 15.5V12h10v3.5',
  free: 'M3.5 5h7v5h-7zM13.5 13.5h7v5h-7zM10.5 7.5h3c2.5 0 3.5 1 3.5 3v3',
  image: 'M3.5 5h17v14h-17zM8.5 8.3a1.7 1.7 0 1 0 0 3.4a1.7 1.7 0 1 0 0-3.4zM4 17l5-4 3.5 2.5 3.5-4 4 4',
  play: 'M7 4.5l12 7.5-12 7.5z',
  pause: 'M8 5v14M16 5v14',
  first: 'M18.5 5.5L9 12l9.5 6.5zM5.5 5.5v13',
  previous: 'M16.5 5.500L7.500 12l9 6.500z',
  pin: 'M9 3.5h6l-1 6 3.5 3.5h-11L10 9.5zM12 13v7.5',
};

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
