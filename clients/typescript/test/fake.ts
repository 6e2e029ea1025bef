import { Client, Message, type ClientOptions, type Dial, type ObjectClass, type TransportEvents } from "../src/index.js";
import { Reader, Writer, hex } from "../src/bytes.js";
import { dc } from "./park.dc.js";

/** A server that says what a test tells it to, and remembers what it heard. */
export class FakeServer {
  events!: TransportEvents;
  readonly sent: Uint8Array[] = [];
  closed = false;
  waiting = 0;
  /** What was dialled. */
  readonly dialled: string[] = [];

  readonly dial: Dial = (url, events) => {
    this.dialled.push(url);
    this.events = events;
    this.closed = false;
    return {
      send: (message) => void this.sent.push(message),
      waiting: this.waiting,
      close: () => {
        this.closed = true;
        events.close("closed by the client");
      },
    };
  };

  /** Sends a message. */
  say(type: number, write: (w: Writer) => unknown = () => {}): void {
    const w = new Writer().int(2, type);
    write(w);
    this.events.message(w.take());
  }

  /** An object enters: its class's number, and its packed required fields. */
  enter(type: number, doId: number, dclass: string, write: (w: Writer) => unknown, zone = 7): void {
    const id = dc.classes.find((c) => c.name === dclass)!.id;
    this.say(type, (w) => write(w.int(4, doId).int(4, 10000).int(4, zone).int(2, id)));
  }

  /** What it has heard since it was asked last: types, and bytes of arguments in hexadecimal. */
  all(): [number, string][] {
    return this.sent.splice(0).map((m) => [m[0]! | (m[1]! << 8), hex(m.subarray(2))]);
  }

  /** What it heard last, with the type read off. */
  heard(): { type: number; r: Reader } {
    const r = new Reader(this.sent.at(-1)!);
    return { type: r.uint(2), r };
  }
}

/** A client that has said hello to a fake server. */
export async function greeted(classes: readonly ObjectClass[] = [], options: Partial<ClientOptions> = {}): Promise<[Client, FakeServer]> {
  const server = new FakeServer();
  const client = new Client({ url: "fake:", dc, version: "park-1", classes, dial: server.dial, heartbeat: 0, timeout: 0, ...options });
  const connected = client.connect();
  server.events.open();
  server.say(Message.HelloResp);
  await connected;
  return [client, server];
}

/** The number of a field. */
export function fieldID(dclass: string, name: string): number {
  return dc.classes.find((c) => c.name === dclass)!.fields.find((f) => f.name === name)!.id;
}
