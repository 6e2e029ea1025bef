import type { Client } from "./client.js";

/** Some zones of a parent that the client sees. It was opened with {@link Client.addInterest}, or by the server. */
export class Interest {
  /**
   * Fulfilled when all objects that were in the zones have entered, also after a change; rejected
   * if the connection ends before.
   */
  ready: Promise<void> = Promise.resolve();
  /** Whether it is open, or being opened. */
  open = true;

  /** @internal */
  constructor(
    private readonly client: Client,
    /** Its number. */
    readonly id: number,
    public parent: number,
    public zones: readonly number[],
    /** Whether the server has opened it. */
    readonly byServer: boolean,
  ) {}

  /**
   * Replaces the zones. Objects in zones that are in both lists stay. It is fulfilled when the
   * objects of new zones have entered.
   */
  async change(zones: readonly number[], parent = this.parent): Promise<void> {
    if (!this.open) throw new TypeError("the interest is closed");
    this.parent = parent;
    this.zones = [...zones];
    return this.client.sendInterest(this);
  }

  /** Closes it. It is fulfilled when the objects that no other interest shows have left. */
  async close(): Promise<void> {
    return this.client.closeInterest(this);
  }
}
