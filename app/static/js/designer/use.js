// React's door to the editor.
import { createContext, useContext, useRef, useSyncExternalStore } from 'react';

export const EditorContext = createContext(null);
export const useEditor = () => useContext(EditorContext);

const sameList = (one, other) => one.length === other.length && one.every((item, at) => Object.is(item, other[at]));
const alike = (one, other) => Object.is(one, other) || (Array.isArray(one) && Array.isArray(other) && sameList(one, other));

/** What `pick` reads from the state; the component draws again only when that changes. Lists are compared by their items. */
export function useView(pick) {
  const editor = useEditor();
  const last = useRef(undefined);
  return useSyncExternalStore(editor.subscribe, () => {
    const next = pick(editor.state, editor);
    if (last.current !== undefined && alike(last.current, next)) return last.current;
    last.current = next;
    return next;
  });
}
