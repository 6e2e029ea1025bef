/** A promise, and how to settle it. It need not be awaited. */
export class Waiting<T = void> {
  done!: (value: T) => void;
  fail!: (why: Error) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.done = resolve;
    this.fail = reject;
  });

  constructor() {
    this.promise.catch(() => {});
  }
}
