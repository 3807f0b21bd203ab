// A state that is watched: what components read with useSyncExternalStore. No React here.
export class Store {
  constructor(first) {
    this.listeners = new Set();
    this.state = first;
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(changes) {
    this.state = { ...this.state, ...changes };
    this.listeners.forEach((listener) => listener());
  }
}
