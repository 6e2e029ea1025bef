/** What a listener is called with, by the name of the event. */
type EventMap<E> = { [K in keyof E]: unknown[] };

/** Calls listeners, each in the order in which they were added. */
export class Emitter<E extends EventMap<E>> {
  private readonly listeners = new Map<keyof E, Set<(args: unknown[]) => void>>();

  /** Calls `listener` at each event of that name, until the function that is returned is called. */
  on<K extends keyof E>(event: K, listener: (...args: E[K]) => void): () => void {
    let all = this.listeners.get(event);
    if (!all) this.listeners.set(event, (all = new Set()));
    const own = (args: unknown[]): void => listener(...(args as E[K])); // the same listener may be added twice
    all.add(own);
    return () => void all.delete(own);
  }

  /**
   * Calls the listeners of an event, and says whether there are any.
   * @internal
   */
  emit<K extends keyof E>(event: K, ...args: E[K]): boolean {
    const all = this.listeners.get(event);
    if (!all?.size) return false;
    for (const listener of [...all]) guard(() => listener(args));
    return true;
  }
}

/**
 * Runs a game's code. What it throws is thrown again after the handling of the message,
 * as an uncaught error of the page or the process, so that the rest of the message still has
 * its effect.
 */
export function guard(f: () => void): void {
  try {
    f();
  } catch (e) {
    queueMicrotask(() => {
      throw e;
    });
  }
}
