import { ConnectionClosed } from "./closed.js";
import type { Dial, Transport } from "./transport.js";

/** What a {@link Link} tells. After `lost` it tells nothing more. */
export interface LinkEvents {
  /** The connection is there: what is said first. */
  open(): Uint8Array<ArrayBuffer>;
  /** The first message that comes. */
  answer(message: Uint8Array): void;
  /** Each message after it. */
  message(message: Uint8Array): void;
  /** The connection has ended, or there never was one, or nothing was answered. */
  lost(why: ConnectionClosed): void;
}

/** One connection to a client agent. */
export class Link {
  #transport: Transport | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #answered = false;
  #over = false;

  constructor(private readonly events: LinkEvents) {}

  /** How many bytes wait to be sent. */
  get waiting(): number {
    return this.#transport?.waiting ?? 0;
  }

  /** Connects, and waits so many milliseconds for an answer; for any time if there are none. */
  open(dial: Dial, url: string, timeout: number): void {
    try {
      this.#transport = dial(url, {
        open: () => this.#over || this.send(this.events.open()),
        message: (message) => this.#heard(message),
        close: (why) => this.lose(why),
      });
    } catch (e) {
      return this.lose(`${url}: ${String(e)}`);
    }
    if (timeout) this.#timer = setTimeout(() => this.lose(`${url} did not answer within ${timeout} ms`), timeout);
  }

  #heard(message: Uint8Array): void {
    if (this.#over) return;
    if (this.#answered) return this.events.message(message);
    clearTimeout(this.#timer);
    this.#answered = true;
    this.events.answer(message);
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    this.#transport?.send(message);
  }

  /** Gives the connection up. */
  lose(why: string): void {
    if (this.#over) return;
    this.close();
    this.events.lost(new ConnectionClosed(why));
  }

  /** Ends the connection after what was sent. */
  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#transport?.close();
  }
}
