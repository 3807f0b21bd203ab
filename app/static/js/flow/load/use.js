// React's door to the rehearsal.
import { createContext, useContext, useSyncExternalStore } from 'react';

export const RehearsalContext = createContext(null);
export const useRehearsal = () => useContext(RehearsalContext);

/** Its whole state: it changes at the pace of people. */
export function useRehearsed() {
  const rehearsal = useRehearsal();
  return useSyncExternalStore(rehearsal.subscribe, () => rehearsal.state);
}
