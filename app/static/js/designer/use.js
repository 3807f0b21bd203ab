// React's door to the editor.
import { createContext, useContext, useRef, useSyncExternalStore } from 'react';

export const EditorContext = createContext(null);
export const useEditor = () => useContext(EditorContext);

/** What `pick` reads from the state; the component draws again only when that changes (compared with `same`). */
export function useView(pick, same = Object.is) {
  const editor = useEditor();
  const last = useRef(undefined);
  return useSyncExternalStore(editor.subscribe, () => {
    const next = pick(editor.state, editor);
    if (last.current !== undefined && same(last.current, next)) return last.current;
    last.current = next;
    return next;
  });
}

export const sameList = (one, other) => one.length === other.length && one.every((item, at) => Object.is(item, other[at]));
