import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Client, Ejected, Message, type ClientOptions } from "../src/index.js";
import { FakeServer, fieldID, greeted } from "./fake.js";
import { Avatar } from "./park.dc.js";

// What a client says and does when its connection is lost, with a server that answers as the tests say.

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const token = (text: string) => (w: { int(size: number, n: number): typeof w; text(s: string): unknown }) => w.int(4, 5000).int(4, 1 << 16).text(text);

class Player extends Avatar {
  calls: string[] = [];
  setX(x: number): void {
    this.calls.push(`x ${x}`);
  }
  setName(name: string): void {
    this.calls.push(`name ${name}`);
  }
  override moved(): void {
    this.calls.push(`zone ${this.location!.zone}`);
  }
}

const own = (server: FakeServer) => server.enter(Message.EnterObjectRequiredOwner, 5, "Avatar", (w) => w.text("Ada").int(4, 3).int(1, 1).int(1, 2));
const seen = (server: FakeServer, doId: number) => server.enter(Message.EnterObjectRequired, doId, "Avatar", (w) => w.text("Bob").int(1, 1).int(1, 2));
const setX = (server: FakeServer, doId: number, x: number) => server.say(Message.ObjectSetField, (w) => w.int(4, doId).int(2, fieldID("Node", "setX")).int(2, x));

/** A client that has a token, and what it tells. */
async function kept(options: Partial<ClientOptions> = {}): Promise<[Client, FakeServer, string[]]> {
  const [client, server] = await greeted([Player], options);
  const told: string[] = [];
  client.on("away", (why) => told.push(`away: ${why.message}`));
  client.on("back", (unsure) => told.push(`back: ${unsure}`));
  client.on("close", (why) => told.push(`close: ${why.message}`));
  own(server);
  const keeps = client.keepSession();
  server.say(Message.ResumeToken, token("first"));
  expect(await keeps).toBe(true);
  expect(server.all().at(-1)).toEqual([Message.GetResumeToken, "01"]);
  return [client, server, told];
}

const avatar = (client: Client) => client.objects.get(5) as Player;

test("what had not arrived is sent again, and nothing else; what was received is said", async () => {
  const [client, server, told] = await kept({ url: ["one:", "two:"] });
  setX(server, 5, 10);
  setX(server, 5, 20);
  avatar(client).send("setChat", "arrives");
  avatar(client).send("setChat", "is lost");
  server.events.close("cut");
  expect([client.state, told, client.objects.size]).toEqual(["away", ["away: cut"], 1]);
  avatar(client).send("setChat", "later");
  expect(client.waiting).toBeGreaterThan(0);
  server.all();
  await vi.advanceTimersByTimeAsync(0);
  expect(server.dialled).toEqual(["one:", "two:"]);
  server.events.open();
  const [[type, resume]] = server.all() as [[number, string]];
  expect(type).toBe(Message.Resume);
  expect(resume.endsWith(`0500${hexOf("first")}02000000`)).toBe(true);
  server.say(Message.Resumed, (w) => token("second")(w.int(4, 1)));
  expect(server.all().map(([t, b]) => [t, b.slice(16)])).toEqual([
    [Message.Acknowledge, ""],
    [Message.ObjectSetField, hexOf("is lost")],
    [Message.ObjectSetField, hexOf("later")],
  ]);
  expect([client.state, told.at(-1)]).toEqual(["ready", "back: 0"]);
  server.say(Message.Acknowledge, (w) => w.int(4, 3));
  setX(server, 5, 30);
  expect(avatar(client).calls).toEqual(["name Ada", "x 1", "x 2", "x 3"]);
  server.events.close("cut again");
  await vi.advanceTimersByTimeAsync(0);
  server.events.open();
  expect(server.all().at(-1)![1].endsWith(`0600${hexOf("second")}03000000`)).toBe(true); // the counts go on
  client.close();
  expect(told.at(-1)).toBe("close: the client has closed the connection");
});

const hexOf = (text: string) => Buffer.from(text).toString("hex");

test("attempts are made with growing pauses as long as the session waits, and then no more", async () => {
  const [client, server, told] = await kept();
  server.events.close("cut");
  let attempts = 0;
  let last = 0;
  const begun = performance.now();
  while (client.state === "away") {
    await vi.advanceTimersToNextTimerAsync();
    attempts++;
    last = performance.now() - begun;
    server.events.close(`nobody is there ${attempts}`);
  }
  expect(attempts).toBeGreaterThan(6);
  expect(attempts).toBeLessThan(16);
  expect(last).toBeGreaterThan(5000);
  expect(last).toBeLessThan(11_000);
  expect(told.at(-1)).toBe(`close: nobody is there ${attempts}`);
  expect([client.objects.size, vi.getTimerCount()]).toEqual([0, 0]);
});

test("a session that is over is not waited for, one that another agent has is", async () => {
  const [client, server, told] = await kept();
  server.events.close("cut");
  for (const code of [362, 154]) {
    await vi.advanceTimersToNextTimerAsync();
    server.events.open();
    server.say(Message.Eject, (w) => w.int(2, code).text("later"));
    expect(client.state).toBe("away");
  }
  await vi.advanceTimersToNextTimerAsync();
  server.events.open();
  server.say(Message.Eject, (w) => w.int(2, 361).text("The session has ended."));
  expect(told).toEqual(["away: cut", "close: session over (361): The session has ended."]);
  expect(client.objects.size).toBe(0);
});

test("an ejection ends the session, and so does the loss of a connection without a token", async () => {
  const [, server, told] = await kept();
  server.say(Message.Eject, (w) => w.int(2, 100).text("Elsewhere."));
  expect(told).toEqual([`close: ${new Ejected(100, "Elsewhere.").message}`]);
  const [client, other] = await greeted();
  const keeps = client.keepSession();
  other.say(Message.ResumeToken, (w) => w.int(4, 0).int(4, 0).int(2, 0));
  expect(await keeps).toBe(false);
  other.events.close("cut");
  expect(client.state).toBe("closed");
  await expect(client.keepSession()).rejects.toThrow("not connected");
});

test("the client acknowledges what it receives and sends, and keeps a bounded amount", async () => {
  const [client, server] = await kept();
  const chat = "x".repeat(30_000);
  for (let i = 0; i < 3; i++) avatar(client).send("setChat", chat);
  expect(server.all().map(([t]) => t)).toEqual([120, 120, 120, Message.Acknowledge]);
  server.say(Message.Acknowledge, (w) => w.int(4, 3));
  for (let i = 0; i < 3; i++) server.say(Message.ObjectSetField, (w) => w.int(4, 5).int(2, fieldID("Avatar", "setChat")).text(chat));
  expect(server.all()).toEqual([[Message.Acknowledge, "03000000"]]);
  expect(() => {
    for (let i = 0; i < 40; i++) avatar(client).send("setChat", chat);
  }).toThrow("more than 1048576 bytes wait to be sent");
  // Too much for the agent, too: it will not keep the session, and says so.
  server.say(Message.ResumeToken, (w) => w.int(4, 0).int(4, 0).int(2, 0));
  avatar(client).send("setChat", chat);
  server.events.close("cut");
  expect(client.state).toBe("closed");
});

test("a connection that is dead is noticed by its silence", async () => {
  const [client, server, told] = await kept({ heartbeat: 1000 });
  vi.advanceTimersByTime(1000);
  expect(server.all().map(([t]) => t)).toEqual([Message.Heartbeat, Message.Acknowledge]);
  server.say(Message.Acknowledge, (w) => w.int(4, 1));
  vi.advanceTimersByTime(1000);
  expect(client.state).toBe("ready");
  vi.advanceTimersByTime(1000);
  expect([client.state, told]).toEqual(["away", ["away: the client agent has not answered for 1000 ms"]]);
});

test("an agent that goes is left when there is another one, and not before", async () => {
  const [client, server, told] = await kept({ url: ["one:", "two:"] });
  const old = server.events;
  server.say(Message.Reconnect, (w) => w.int(4, 200));
  await vi.advanceTimersByTimeAsync(200);
  expect(server.dialled.length).toBe(2);
  server.events.open();
  expect(server.all().at(-1)![0]).toBe(Message.Resume);
  // What comes on the old connection from now on waits for the answer.
  const next = server.events;
  server.events = old;
  setX(server, 5, 10);
  avatar(client).send("setChat", "hello");
  expect(avatar(client).calls).toEqual(["name Ada"]);
  server.events = next;
  server.say(Message.Eject, (w) => w.int(2, 362).text("It is busy."));
  expect([client.state, avatar(client).calls.at(-1)]).toEqual(["ready", "x 1"]); // the old one goes on

  await vi.advanceTimersByTimeAsync(1000);
  server.events.open();
  expect(server.all().at(-1)![1].slice(-8)).toBe("01000000");
  const second = server.events;
  server.events = old;
  setX(server, 5, 20); // is sent again by the new agent
  old.close("the agent has let go");
  server.events = second;
  server.say(Message.Resumed, (w) => token("second")(w.int(4, 1)));
  setX(server, 5, 20);
  expect(avatar(client).calls).toEqual(["name Ada", "x 1", "x 2"]);
  expect(told).toEqual(["back: 0"]);
  expect(server.all()).toEqual([[Message.Acknowledge, "01000000"]]);
});

test("an agent that takes up the session of a dead one is told what the client has, and tells what differs", async () => {
  const [client, server, told] = await kept();
  seen(server, 6);
  seen(server, 7);
  setX(server, 6, 10);
  const open = client.addInterest(10000, 7);
  server.say(Message.Acknowledge, (w) => w.int(4, 1));
  const lost = client.addInterest(10000, 8);
  avatar(client).send("setChat", "perhaps");
  const bob = client.objects.get(6) as Player;
  bob.calls = [];
  server.events.close("killed");
  await vi.advanceTimersByTimeAsync(0);
  server.all();
  server.events.open();
  server.say(Message.Recovered, token("second"));
  const le = (n: number, size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, i) => (n >>> (8 * i)) & 255)).toString("hex");
  const [, have, acknowledge, again, ...rest] = server.all();
  expect(have).toEqual([Message.Have, `01 0200 ${le(6, 4)} ${le(7, 4)} 0100 ${le(5, 4)} 0100 ${le(1, 4)} ${le(open.id, 2)}`.replaceAll(" ", "")]);
  expect(acknowledge).toEqual([Message.Acknowledge, "00000000"]);
  expect(again![0]).toBe(Message.AddInterest);
  expect(again![1]).toMatch(new RegExp(`^${le(2, 4)}${le(lost.id, 2)}`));
  expect(rest).toEqual([]);
  expect(told).toEqual(["away: killed", "back: 1"]);

  const name = (s: string) => server.say(Message.ObjectSetField, (w) => w.int(4, 6).int(2, fieldID("Avatar", "setName")).text(s));
  const located = (doId: number, zone: number) => server.say(Message.ObjectLocation, (w) => w.int(4, doId).int(4, 10000).int(4, zone));
  located(6, 7);
  name("Bob"); // as before
  setX(server, 6, 30); // was changed
  expect(bob.calls).toEqual(["x 3"]);
  setX(server, 6, 30); // is an update
  name("Bob");
  expect(bob.calls).toEqual(["x 3", "x 3", "name Bob"]);
  located(6, 7);
  setX(server, 6, 30);
  expect(bob.calls.length).toBe(4);
  located(5, 9);
  expect(avatar(client).calls.at(-1)).toBe("zone 9");
  server.say(Message.ObjectLeaving, (w) => w.int(4, 7));
  expect(client.objects.has(7)).toBe(false);
  for (const [context, interest] of [[1, open], [2, lost]] as const) {
    server.say(Message.DoneInterestResp, (w) => w.int(4, context).int(2, interest.id));
    await interest.ready;
  }
});

test("more objects than one message names are told in several", async () => {
  const [client, server] = await kept();
  for (let doId = 100; doId < 8200; doId++) seen(server, doId);
  server.events.close("killed");
  await vi.advanceTimersByTimeAsync(0);
  server.events.open();
  server.all();
  server.say(Message.Recovered, token("second"));
  const parts = server.all().filter(([t]) => t === Message.Have).map(([, b]) => [b.slice(0, 2), Buffer.from(b.slice(2, 6), "hex").readUInt16LE()]);
  expect(parts).toEqual([["00", 4000], ["00", 4000], ["01", 100]]);
  client.close();
});

test("a hello goes to the next URL if nobody answers, not if it is refused", async () => {
  const server = new FakeServer();
  const client = new Client({ url: ["one:", "two:", "three:"], dc: (await import("./park.dc.js")).dc, version: "x", dial: server.dial, timeout: 50 });
  const connected = client.connect();
  connected.catch(() => {});
  server.events.close("nobody");
  await vi.advanceTimersByTimeAsync(50);
  expect(server.dialled).toEqual(["one:", "two:", "three:"]);
  server.events.open();
  server.say(Message.HelloResp);
  await connected;
  client.close();
  const again = client.connect();
  server.events.open();
  server.say(Message.Eject, (w) => w.int(2, 124).text("old"));
  await expect(again).rejects.toThrow("bad version (124): old");
  expect(server.dialled.length).toBe(4);
});
