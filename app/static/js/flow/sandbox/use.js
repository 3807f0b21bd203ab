// React's door to the player.
import { createContext, useContext, useSyncExternalStore } from 'react';

export const PlayerContext = createContext(null);
export const usePlayer = () => useContext(PlayerContext);

/** The player's whole state: it changes at the pace of people. */
export function usePlayed() {
  const player = usePlayer();
  return useSyncExternalStore(player.subscribe, () => player.state);
}
