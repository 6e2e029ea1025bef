/**
 * Tells values that the client has from those that are new to it. An agent that takes up the
 * session of one that was killed says of each object that the client has where it is, and right
 * after that what its fields are; the game is told what has changed of it.
 */
export class Refresh {
  /** How often each object will be told: once because it is seen, once because it is owned. */
  readonly #due = new Map<number, number>();
  #now: number | undefined; // whose fields are being told
  readonly #told = new Set<number>();

  /** An object will be told. */
  expect(doId: number): void {
    this.#due.set(doId, (this.#due.get(doId) ?? 0) + 1);
  }

  /** The session goes on at an agent that will tell objects, or has ended. */
  clear(): void {
    this.#due.clear();
    this.#now = undefined;
  }

  /** A message says where an object is. */
  located(doId: number): void {
    const due = this.#due.get(doId);
    this.#now = due ? doId : undefined;
    this.#told.clear();
    if (due === 1) this.#due.delete(doId);
    else if (due) this.#due.set(doId, due - 1);
  }

  /** Whether a message with a value of a field tells what it is, rather than that it is set. */
  tells(doId: number, field: number): boolean {
    if (doId !== this.#now || this.#told.has(field)) return false;
    this.#told.add(field);
    return true;
  }

  /** Any other message has come. */
  other(): void {
    this.#now = undefined;
  }
}
