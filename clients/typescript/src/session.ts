import { Writer, type Reader } from "./bytes.js";
import { Message } from "./protocol.js";

/** The most bytes of messages that are kept because the agent has not acknowledged them. */
const maxKept = 1 << 20;

const heartbeat = Message.Heartbeat as number;
const interests: readonly number[] = [Message.AddInterest, Message.AddInterestMultiple, Message.RemoveInterest];

/** What it takes to go on with a session after its connection is lost: docs/resume.md says how that is done. */
export class Session {
  /** Empty until the agent has given one. */
  token = new Uint8Array();
  /** For how many milliseconds the agent waits for its client. */
  within = 0;
  /** How many messages have been received since the token. */
  received = 0;
  /** Messages that may not have arrived. */
  unsent: Uint8Array<ArrayBuffer>[] = [];
  /** Their bytes. */
  size = 0;
  #arrived = 0; // how many messages have, before them
  #every = 0; // bytes received, or sent, between two acknowledgements
  #in = 0; // bytes received since the last one
  #out = 0; // bytes sent since the last one

  /** Takes the token and its conditions, which end a message. */
  take(r: Reader): void {
    const within = r.uint(4);
    const every = r.uint(4);
    const token = r.raw(r.uint(2)).slice();
    r.done();
    this.within = within;
    this.#every = every;
    this.token = token;
  }

  /** Keeps a message that is sent. It says whether to acknowledge. */
  sends(message: Uint8Array<ArrayBuffer>): boolean {
    if (this.size + message.length > maxKept) throw new RangeError(`more than ${maxKept} bytes wait to be sent`);
    this.unsent.push(message);
    this.size += message.length;
    this.#out += message.length;
    return this.#due();
  }

  /** Counts a message that was received. It says whether to acknowledge. */
  receives(message: Uint8Array): boolean {
    if (!this.token.length) return false; // only what comes after the token counts
    this.received++;
    this.#in += message.length;
    return this.#due();
  }

  #due(): boolean {
    return this.token.length > 0 && Math.max(this.#in, this.#out) >= this.#every;
  }

  acknowledgement(): Uint8Array<ArrayBuffer> {
    this.#in = this.#out = 0;
    return new Writer().int(2, Message.Acknowledge).int(4, this.received).take();
  }

  /** Forgets the messages that have arrived. */
  forget(arrived: number): void {
    const gone = this.unsent.splice(0, Math.max(0, arrived - this.#arrived));
    for (const m of gone) this.size -= m.length;
    this.#arrived += gone.length;
  }

  /**
   * Begins both counts again, because the agent that had the session was killed. What it has not
   * acknowledged may have arrived, and is not sent again, except the last word on each interest: that
   * does no harm. It returns how many messages are not, and the contexts of the interests.
   */
  recover(): { unsure: number; again: ReadonlySet<string> } {
    const last = new Map<number, Uint8Array<ArrayBuffer>>();
    const again = new Set<string>();
    let unsure = 0;
    for (const m of this.unsent) {
      const view = new DataView(m.buffer);
      const type = view.getUint16(0, true);
      if (interests.includes(type)) last.set(view.getUint16(6, true), m);
      else if (type !== heartbeat) unsure++;
    }
    for (const [interest, m] of last) again.add(`${new DataView(m.buffer).getUint32(2, true)} ${interest}`);
    this.unsent = [...last.values()];
    this.size = this.unsent.reduce((n, m) => n + m.length, 0);
    this.received = this.#arrived = this.#in = this.#out = 0;
    return { unsure, again };
  }
}
