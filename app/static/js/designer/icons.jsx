// Line icons on a 24 grid, in the colour of the text beside them. A field type names one; it also decides how the field
// looks on the canvas (view/Face.jsx). The server refuses a plugin's field with an icon that is not in icons.json.
import PATHS from './icons.json';

export function Icon({ name, size = 20 }) {
  return (
    <svg className="i" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name] || PATHS.text} />
    </svg>
  );
}

/** Whether there is a drawing of this name. */
export const has = (name) => name in PATHS;
