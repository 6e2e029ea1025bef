import { expect, test, vi } from "vitest";
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

// The same of a client that may come back, whose connections break at any time, whatever a new one answers.
test("whatever comes while a client comes back, it goes on or ends", async () => {
  vi.useFakeTimers();
  const r = random(8);
  const types = [...Object.values(Message).filter((t) => t >= Message.GetResumeToken), Message.Eject, Message.ObjectSetField, Message.HelloResp];
  const ends = new Map<string, number>();
  try {
    for (let i = 0; i < 500; i++) {
      const [client, server] = await greeted([], { heartbeat: 1000, timeout: 500, url: ["one:", "two:"] });
      client.on("warning", () => {});
      let backs = 0;
      client.on("back", () => backs++);
      void client.keepSession().catch(() => {});
      server.say(Message.ResumeToken, (w) => w.int(4, 3000).int(4, 200).text("token"));
      const interest = client.addInterest(1, 2);
      for (let step = 0; step < 40 && client.state !== "closed"; step++) {
        const old = server.events;
        switch (r(5)) {
          case 0:
            server.events.close("cut");
            break;
          case 1:
            await vi.advanceTimersByTimeAsync(r(700));
            if (r(2)) server.events.open();
            break;
          case 2:
            server.say(r(2) ? Message.Resumed : Message.Recovered, (w) => {
              if (r(2)) w.int(4, r(3));
              w.int(4, 3000).int(4, 200).text("token");
            });
            break;
          case 3:
            interest.change([r(5)]).catch(() => {});
            break;
          default: {
            const w = new Writer().int(2, types[r(types.length)]!);
            for (let n = r(16); n > 0; n--) w.int(1, r(4) ? 0 : r(256));
            old.message(w.take());
          }
        }
      }
      const last = client.state;
      client.close();
      expect([client.state, vi.getTimerCount()]).toEqual(["closed", 0]);
      ends.set(`${last}, ${backs ? "was back" : "never back"}`, (ends.get(`${last}, ${backs ? "was back" : "never back"}`) ?? 0) + 1);
    }
  } finally {
    vi.useRealTimers();
  }
  console.log(Object.fromEntries(ends));
  expect([...ends.keys()].filter((k) => k.endsWith("was back")).length).toBeGreaterThan(1);
});
