import { expect, test } from "vitest";
import { Message, type Warning } from "../src/index.js";
import { Writer } from "../src/bytes.js";
import { greeted, type FakeServer } from "./fake.js";

/** Numbers that are the same each time (mulberry32). */
function random(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Messages as a server sends them, to change bytes of. */
function good(server: FakeServer): Uint8Array[] {
  const all: Uint8Array[] = [];
  const events = server.events;
  server.events = { ...events, message: (m) => void all.push(m) };
  for (const type of [Message.EnterObjectRequired, Message.EnterObjectRequiredOther]) {
    server.enter(type, 5, "Avatar", (w) => {
      w.text("Ada").int(1, 1).int(1, 2);
      if (type === Message.EnterObjectRequiredOther) w.int(2, 0);
    });
  }
  server.enter(Message.EnterObjectRequiredOwner, 6, "Toon", (w) => w.text("Bob").int(4, 9).int(1, 1).int(1, 2));
  server.say(Message.ObjectSetFields, (w) => w.int(4, 5).int(2, 1).int(2, 1).int(2, 20));
  server.say(Message.ObjectSetField, (w) => w.int(4, 6).int(2, 8).text("hello"));
  server.say(Message.ObjectLocation, (w) => w.int(4, 5).int(4, 10000).int(4, 8));
  server.say(Message.AddInterestMultiple, (w) => w.int(4, 1).int(2, 1).int(4, 10000).int(2, 1).int(4, 7));
  server.say(Message.DoneInterestResp, (w) => w.int(4, 1).int(2, 1));
  server.say(Message.ObjectLeaving, (w) => w.int(4, 5));
  server.say(Message.ObjectLeavingOwner, (w) => w.int(4, 6));
  server.events = events;
  return all;
}

// Each kind of message, cut, lengthened, with other bytes, or of random bytes: the client
// takes it or warns, and never throws.
test("whatever bytes come, the client takes them or warns", async () => {
  const [client, server] = await greeted();
  const warnings = new Map<string, number>();
  client.on("warning", (w: Warning) => warnings.set(w.kind, (warnings.get(w.kind) ?? 0) + 1));
  const samples = good(server);
  const r = random(7);
  const types = Object.values(Message).filter((t) => t !== Message.Eject && t !== Message.HelloResp);
  for (const m of samples) {
    for (let n = 0; n <= m.length; n++) client.receive(m.subarray(0, n));
    client.receive(Uint8Array.of(...m, 0));
  }
  for (let i = 0; i < 20_000; i++) {
    const m = samples[r(samples.length)]!.slice();
    for (let n = r(4); n > 0; n--) m[2 + r(m.length - 2)] = r(256);
    client.receive(m);
    const w = new Writer().int(2, types[r(types.length)]!);
    for (let n = r(40); n > 0; n--) w.int(1, r(4) ? r(8) : r(256));
    client.receive(w.take());
  }
  expect(client.state).toBe("ready");
  expect([...warnings.keys()].sort()).toEqual(
    ["malformed message", "unknown class", "unknown field", "unknown interest", "unknown message", "unknown object"]);
  console.log(Object.fromEntries(warnings));
});
