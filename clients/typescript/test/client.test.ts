import { describe, expect, test, vi } from "vitest";
import { Client, ConnectionClosed, DistributedObject, Ejected, Message, ValueError, ejectReasons, type Handlers, type Warning } from "../src/index.js";
import { FakeServer, fieldID, greeted } from "./fake.js";
import { Avatar, LoginManager, Node, Toon, dc, type AvatarFields } from "./park.dc.js";

class Player extends Avatar implements Handlers<AvatarFields> {
  readonly calls: unknown[] = [];
  name = "";
  setName(name: string): void {
    this.name = name;
    this.calls.push(["setName", name]);
  }
  setX(x: number): void {
    this.calls.push(["setX", x]);
  }
  override entered(): void {
    this.calls.push(["entered", this.name]);
  }
  override moved(from: { zone: number }): void {
    this.calls.push(["moved", from.zone, this.location?.zone]);
  }
  override ownerChanged(): void {
    this.calls.push(["owned", this.owned]);
  }
  override left(): void {
    this.calls.push(["left"]);
  }
}

const visible = (name: string) => (w: { text(s: string): { int(size: number, n: number): { int(size: number, n: number): unknown } } }) =>
  w.text(name).int(1, 1).int(1, 2);

describe("the connection", () => {
  test("hello has the hash and the version, and bye is said", async () => {
    const [client, server] = await greeted();
    expect(client.state).toBe("ready");
    expect(server.sent.length).toBe(1);
    const { type, r } = server.heard();
    expect([type, r.uint(4), r.text(), r.left]).toEqual([Message.Hello, dc.hash, "park-1", 0]);
    client.close();
    expect(server.heard().type).toBe(Message.Disconnect);
    expect([server.closed, client.state]).toEqual([true, "closed"]);
  });

  test("heartbeats are sent as long as it lasts", async () => {
    vi.useFakeTimers();
    try {
      const [client, server] = await greeted([], { heartbeat: 1000 });
      vi.advanceTimersByTime(3500);
      expect(server.sent.slice(1).map((m) => m[0]! + 256 * m[1]!)).toEqual([5, 5, 5]);
      client.close();
      vi.advanceTimersByTime(5000);
      expect(server.sent.length).toBe(5); // the fifth says bye
    } finally {
      vi.useRealTimers();
    }
  });

  test("an ejection is told as text, with the server's own", async () => {
    const server = new FakeServer();
    const client = new Client({ url: "fake:", dc, version: "x", dial: server.dial });
    const closed = vi.fn();
    client.on("close", closed);
    const connected = client.connect();
    server.events.open();
    server.say(Message.Eject, (w) => w.int(2, 125).text("The client's DC hash is 0x1."));
    const e = await connected.catch((e: unknown) => e);
    expect(e).toBeInstanceOf(Ejected);
    expect((e as Ejected).message).toBe("bad DC hash (125): The client's DC hash is 0x1.");
    expect((e as Ejected).reason).toBe(ejectReasons[125]);
    expect(closed.mock.calls).toEqual([[e]]);
    expect(new Ejected(4000, "Bye.").message).toBe("ejected (4000): Bye.");
  });

  test("without a server, or an answer, connecting fails", async () => {
    const server = new FakeServer();
    const client = new Client({ url: "fake:", dc, version: "x", dial: server.dial, timeout: 50 });
    const refused = client.connect();
    server.events.close("no connection");
    await expect(refused).rejects.toThrow(new ConnectionClosed("no connection"));
    await expect(client.connect()).rejects.toThrow("did not answer within 50 ms");
    expect(server.closed).toBe(true);
    const again = client.connect(); // may be called again
    await expect(client.connect()).rejects.toThrow("connected already");
    server.events.open();
    server.say(Message.HelloResp);
    await again;
    client.close();
    expect(() => client.refer(LoginManager, 4665).send("login", "Ada")).toThrow(ConnectionClosed);
    const bad = new Client({ url: "nonsense", dc, version: "x" });
    await expect(bad.connect()).rejects.toThrow(ConnectionClosed);
  });

  test("when it ends, everything leaves", async () => {
    const [client, server] = await greeted([Player]);
    server.enter(Message.EnterObjectRequiredOwner, 5, "Avatar", (w) => w.text("Ada").int(4, 3).int(1, 1).int(1, 2));
    const events: unknown[] = [];
    client.on("leave", (o) => events.push(["leave", o.doId, o.owned]));
    client.on("owner", (o) => events.push(["owner", o.owned]));
    client.on("close", (why) => events.push(["close", why.message]));
    const interest = client.addInterest(10000, 7);
    server.events.close("cut");
    await expect(interest.ready).rejects.toThrow("cut");
    expect(events).toEqual([["owner", false], ["leave", 5, false], ["close", "cut"]]);
    expect([client.objects.size, client.interests.size, interest.open]).toEqual([0, 0, false]);
    server.say(Message.ObjectLeaving, (w) => w.int(4, 5)); // nobody listens any more
  });
});

describe("objects", () => {
  test("enter with their fields, are updated, move and leave", async () => {
    const [client, server] = await greeted([Player]);
    const seen: unknown[] = [];
    client.on("enter", (o) => seen.push(["enter", String(o)]));
    client.on("move", (o, from) => seen.push(["move", from, o.location]));
    client.on("leave", (o) => seen.push(["leave", o.doId]));
    server.enter(Message.EnterObjectRequired, 5, "Avatar", visible("Ada"));
    const player = client.objects.get(5) as Player;
    expect(player).toBeInstanceOf(Player);
    expect([player.visible, player.owned, player.location]).toEqual([true, false, { parent: 10000, zone: 7 }]);
    expect(player.calls).toEqual([["setName", "Ada"], ["entered", "Ada"]]);
    expect([player.get("setName"), player.get("setColour"), player.get("setX")]).toEqual([["Ada"], [{ red: 1, green: 2 }], undefined]);
    const heard: unknown[] = [];
    const off = player.on("setX", (x) => heard.push(x));
    server.say(Message.ObjectSetField, (w) => w.int(4, 5).int(2, fieldID("Node", "setX")).int(2, 15));
    off();
    server.say(Message.ObjectSetFields, (w) =>
      w.int(4, 5).int(2, 2).int(2, fieldID("Node", "setX")).int(2, 20).int(2, fieldID("Avatar", "setName")).text("Bob"));
    server.say(Message.ObjectLocation, (w) => w.int(4, 5).int(4, 10000).int(4, 8));
    server.say(Message.ObjectLeaving, (w) => w.int(4, 5));
    expect(player.calls.slice(2)).toEqual([["setX", 1.5], ["setX", 2], ["setName", "Bob"], ["moved", 7, 8], ["left"]]);
    expect([heard, player.get("setX")]).toEqual([[1.5], [2]]);
    expect(seen).toEqual([["enter", "Avatar 5"], ["move", { parent: 10000, zone: 7 }, { parent: 10000, zone: 8 }], ["leave", 5]]);
    expect(client.objects.size).toBe(0);
  });

  test("owners get what is for them, and the object is one, seen or owned", async () => {
    const [client, server] = await greeted([Player]);
    server.enter(Message.EnterObjectRequired, 5, "Avatar", visible("Ada"));
    const player = client.objects.get(5) as Player;
    server.enter(Message.EnterObjectRequiredOtherOwner, 5, "Avatar", (w) =>
      w.text("Ada").int(4, 300).int(1, 1).int(1, 2).int(2, 1).int(2, fieldID("Node", "setX")).int(2, -5));
    expect(client.objects.get(5)).toBe(player);
    expect([player.visible, player.owned, player.get("setGold"), player.get("setX")]).toEqual([true, true, [300], [-0.5]]);
    server.say(Message.ObjectLeaving, (w) => w.int(4, 5));
    expect([client.objects.has(5), player.visible, player.owned]).toEqual([true, false, true]);
    server.say(Message.ObjectLeavingOwner, (w) => w.int(4, 5));
    expect(client.objects.has(5)).toBe(false);
    expect(player.calls.map((c) => (c as string[])[0])).toEqual(["setName", "entered", "setName", "setX", "owned", "owned", "left"]);
  });

  test("a molecular field is its methods'", async () => {
    const [client, server] = await greeted([Player]);
    server.enter(Message.EnterObjectRequired, 5, "Avatar", visible("Ada"));
    const player = client.objects.get(5) as Player;
    const heard: unknown[] = [];
    player.on("setXY", (x, y) => heard.push(["setXY", x, y]));
    player.on("setY", (y) => heard.push(["setY", y]));
    server.say(Message.ObjectSetField, (w) => w.int(4, 5).int(2, fieldID("Node", "setXY")).int(2, 10).int(2, 20));
    expect(heard).toEqual([["setY", 2], ["setXY", 1, 2]]);
    expect([player.get("setX"), player.get("setY"), player.calls.at(-1)]).toEqual([[1], [2], ["setX", 1]]);
  });

  test("are of the nearest class that the game has", async () => {
    const [client, server] = await greeted([Player, Node]);
    server.enter(Message.EnterObjectRequired, 5, "Toon", visible("Ada"));
    server.enter(Message.EnterObjectRequired, 6, "World", () => {});
    expect(client.objects.get(5)).toBeInstanceOf(Player);
    expect([client.objects.get(5)!.isA("Node"), client.objects.get(5)!.isA("World")]).toEqual([true, false]);
    expect(client.objects.get(6)!.constructor).toBe(DistributedObject);
    expect(() => new Client({ url: "", dc, version: "", classes: [class extends Toon { static override readonly dclass = "Tune"; }] })).toThrow("no dclass Tune");
  });

  test("a field with the name of a method of the client's own is heard with on", async () => {
    const [client, server] = await greeted();
    server.enter(Message.EnterObjectRequired, 5, "Avatar", visible("Ada"));
    const avatar = client.objects.get(5)!;
    const heard = vi.fn();
    avatar.on("send", heard);
    server.say(Message.ObjectSetField, (w) => w.int(4, 5).int(2, fieldID("Avatar", "send")).int(1, 3));
    expect(heard.mock.calls).toEqual([[3]]);
    expect(server.sent.length).toBe(1);
    expect(() => avatar.on("nothing", () => {})).toThrow("no field nothing");
  });

  test("updates are checked before they are sent", async () => {
    const [client, server] = await greeted();
    const manager = client.refer(LoginManager, 4665);
    manager.send("login", "Ada");
    const { type, r } = server.heard();
    expect([type, r.uint(4), r.uint(2), r.text(), r.left]).toEqual([Message.ObjectSetField, 4665, fieldID("LoginManager", "login"), "Ada", 0]);
    expect(client.refer(LoginManager, 4665)).toBe(manager);
    expect(() => client.refer(Avatar, 4665)).toThrow("object 4665 is no Avatar");
    const avatar = client.refer(Avatar, 5);
    expect(() => avatar.send("setColour", { red: 101, green: 0 })).toThrow(ValueError);
    expect(() => avatar.send("setColour", { red: 101, green: 0 })).toThrow("setColour.colour.red: 101 is outside 0-100");
    expect(() => avatar.send("setX", 4000)).toThrow("setX.x: 4000 does not fit");
    expect(() => manager.send("login", "x".repeat(65_535))).toThrow("a message of 65545 bytes");
    expect(() => avatar.send("setNothing" as "setX", 1)).toThrow("Avatar has no field setNothing");
    expect(server.sent.length).toBe(2);
    const heard = vi.fn();
    avatar.on("setChat", heard); // the server may send to what it was told of
    server.say(Message.ObjectSetField, (w) => w.int(4, 5).int(2, fieldID("Avatar", "setChat")).text("hi"));
    expect(heard.mock.calls).toEqual([["hi"]]);
    server.enter(Message.EnterObjectRequired, 5, "Avatar", visible("Ada"));
    expect(client.objects.get(5)).toBe(avatar);
  });

  test("moving one's own is told to the server, which does not tell it back", async () => {
    const [client, server] = await greeted([Player]);
    server.enter(Message.EnterObjectRequired, 5, "Avatar", visible("Ada"));
    const player = client.objects.get(5) as Player;
    player.move(10000, 9);
    const { type, r } = server.heard();
    expect([type, r.uint(4), r.uint(4), r.uint(4), r.left]).toEqual([Message.ObjectLocation, 5, 10000, 9, 0]);
    expect(player.calls.at(-1)).toEqual(["moved", 7, 9]);
  });

  test("what a game's code throws does not stop the rest", async () => {
    const [client, server] = await greeted();
    const thrown: unknown[] = [];
    const real = globalThis.queueMicrotask;
    vi.stubGlobal("queueMicrotask", (f: () => void) => {
      try {
        f();
      } catch (e) {
        thrown.push(e);
      }
    });
    try {
      const second = vi.fn();
      client.on("enter", () => {
        throw new Error("the game's");
      });
      client.on("enter", second);
      server.enter(Message.EnterObjectRequired, 5, "Avatar", visible("Ada"));
      expect(second).toHaveBeenCalledOnce();
      expect(thrown).toEqual([new Error("the game's")]);
      class Broken extends Avatar {
        override entered = (() => {
          throw new Error("a constructor's");
        })();
      }
      const [, other] = await greeted([Broken]);
      other.enter(Message.EnterObjectRequired, 6, "Avatar", visible("Bob"));
      expect(thrown[1]).toEqual(new Error("a constructor's"));
    } finally {
      vi.stubGlobal("queueMicrotask", real);
    }
  });
});

describe("interests", () => {
  test("are opened, changed and closed", async () => {
    const [client, server] = await greeted();
    const interest = client.addInterest(10000, 7);
    let { type, r } = server.heard();
    const context = r.uint(4);
    expect([type, r.uint(2), r.uint(4), r.uint(4), r.left]).toEqual([Message.AddInterest, interest.id, 10000, 7, 0]);
    expect(interest.id).toBeGreaterThanOrEqual(0x8000);
    let ready = false;
    void interest.ready.then(() => (ready = true));
    await Promise.resolve();
    expect(ready).toBe(false);
    server.say(Message.DoneInterestResp, (w) => w.int(4, context).int(2, interest.id));
    await interest.ready;
    const changed = interest.change([7, 8]);
    ({ type, r } = server.heard());
    const second = r.uint(4);
    expect([type, r.uint(2), r.uint(4), r.uint(2), r.uint(4), r.uint(4), r.left]).toEqual([Message.AddInterestMultiple, interest.id, 10000, 2, 7, 8, 0]);
    server.say(Message.DoneInterestResp, (w) => w.int(4, second).int(2, interest.id));
    await changed;
    const closed = interest.close();
    ({ type, r } = server.heard());
    const third = r.uint(4);
    expect([type, r.uint(2), r.left, interest.open]).toEqual([Message.RemoveInterest, interest.id, 0, false]);
    server.say(Message.DoneInterestResp, (w) => w.int(4, third).int(2, interest.id));
    await closed;
    await interest.close();
    await expect(interest.change([1])).rejects.toThrow("closed");
    expect(client.interests.size).toBe(0);
    for (const [parent, zone] of [[-1, 7], [10000, 2 ** 32], [10000, 1.5], [NaN, 7]] as const) {
      expect(() => client.addInterest(parent, zone)).toThrow(RangeError);
    }
    expect(server.sent.length).toBe(4);
  });

  test("are opened and closed by the server", async () => {
    const [client, server] = await greeted();
    const told: unknown[] = [];
    client.on("interest", (i) => told.push([i.id, i.byServer, i.zones, i.open]));
    server.say(Message.AddInterestMultiple, (w) => w.int(4, 1).int(2, 1).int(4, 10000).int(2, 2).int(4, 7).int(4, 8));
    const interest = client.interests.get(1)!;
    server.say(Message.DoneInterestResp, (w) => w.int(4, 1).int(2, 1));
    await interest.ready;
    server.say(Message.AddInterest, (w) => w.int(4, 2).int(2, 1).int(4, 10000).int(4, 9));
    server.say(Message.DoneInterestResp, (w) => w.int(4, 2).int(2, 1));
    server.say(Message.RemoveInterest, (w) => w.int(4, 3).int(2, 1));
    server.say(Message.DoneInterestResp, (w) => w.int(4, 3).int(2, 1));
    expect(told).toEqual([[1, true, [7, 8], true], [1, true, [9], true], [1, true, [9], false]]);
    expect(client.interests.size).toBe(0);
  });
});

describe("nothing is dropped silently", () => {
  const cases: [Warning["kind"], (server: FakeServer) => void, RegExp][] = [
    ["unknown message", (s) => s.say(999, (w) => w.int(1, 5)), /type 999/],
    ["unknown message", (s) => s.say(Message.HelloResp), /second answer/],
    ["unknown object", (s) => s.say(Message.ObjectSetField, (w) => w.int(4, 99).int(2, 0)), /object 99/],
    ["unknown object", (s) => s.say(Message.ObjectLeaving, (w) => w.int(4, 99)), /99 leaves/],
    ["unknown object", (s) => s.say(Message.ObjectLocation, (w) => w.int(4, 99).int(4, 1).int(4, 1)), /object 99/],
    ["unknown class", (s) => s.say(Message.EnterObjectRequired, (w) => w.int(4, 9).int(4, 1).int(4, 1).int(2, 77)), /class 77/],
    ["unknown field", (s) => s.say(Message.ObjectSetField, (w) => w.int(4, 5).int(2, 999).int(4, 0)), /field 999/],
    ["unknown interest", (s) => s.say(Message.DoneInterestResp, (w) => w.int(4, 5).int(2, 5)), /interest 5/],
    ["unknown interest", (s) => s.say(Message.RemoveInterest, (w) => w.int(4, 5).int(2, 5)), /interest 5/],
    ["malformed message", (s) => s.say(Message.ObjectLeaving, (w) => w.int(2, 5)), /truncated/],
    ["malformed message", (s) => s.say(Message.ObjectLeaving, (w) => w.int(4, 5).int(1, 5)), /1 bytes too many/],
    ["malformed message", (s) => s.events.message(new Uint8Array(1)), /truncated/],
    ["malformed message", (s) => s.enter(Message.EnterObjectRequired, 5, "World", () => {}), /Avatar 5 enters as World/],
  ];
  test.each(cases)("%s %#", async (kind, act, detail) => {
    const [client, server] = await greeted([Player]);
    server.enter(Message.EnterObjectRequired, 5, "Avatar", visible("Ada"));
    const warnings: Warning[] = [];
    const off = client.on("warning", (w) => warnings.push(w));
    act(server);
    expect(warnings.map((w) => w.kind)).toEqual([kind]);
    expect(warnings[0]!.message).toMatch(detail);
    expect(client.objects.get(5)).toBeInstanceOf(Player);
    off();
    const spy = vi.spyOn(console, "warn").mockImplementation(() => {});
    act(server);
    expect(spy).toHaveBeenCalledOnce(); // without a listener
    spy.mockRestore();
  });
});
