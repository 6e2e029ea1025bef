import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Client as AnyClient, Ejected, type ClientOptions, type DistributedObject } from "../src/index.js";
import { Client, dialNode } from "../src/node.js";
import { LoginManager, Avatar, dc } from "./park.dc.js";
import { login, when } from "./play.js";
import { World, loginManager, park, zone } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await World.start(inject("astrond"));
});
afterAll(() => world?.stop());

class Player extends Avatar {
  says: string[] = [];
  setChat(text: string): void {
    this.says.push(text);
  }
}

const open: AnyClient[] = [];
function newClient(url: string, options: Partial<ClientOptions> = {}): Client {
  const client = new Client({ url, dc, version: "park-1", classes: [Player], ...options });
  client.on("warning", (w) => {
    throw w;
  });
  open.push(client);
  return client;
}
afterAll(() => open.forEach((c) => c.close()));

describe.each(["WebSocket", "TCP"])("with a client agent, by %s", (how) => {
  const url = () => (how === "TCP" ? world.tcp : world.webSocket);

  test("two players log in, see each other, walk, chat and leave", async () => {
    const [first, second] = [newClient(url()), newClient(url())];
    const [ada, bob] = await Promise.all([login<Player>(first, "Ada"), login<Player>(second, "Bob")]);
    expect([ada.get("setName"), ada.get("setGold"), ada.get("setColour"), ada.get("setSecret")]).toEqual([["Ada"], [100], [{ red: 1, green: 2 }], undefined]);
    expect([ada.location, ada.visible]).toEqual([{ parent: park, zone }, false]);
    await Promise.all([first.addInterest(park, zone).ready, second.addInterest(park, [zone, zone + 1]).ready]);
    const adaSeen = second.objects.get(ada.doId) as Player;
    expect(adaSeen).toBeInstanceOf(Player);
    expect([adaSeen.visible, adaSeen.owned, adaSeen.get("setName"), adaSeen.get("setGold")]).toEqual([true, false, ["Ada"], undefined]);
    expect(second.objects.get(bob.doId)).toBe(bob);
    expect([bob.visible, bob.owned]).toEqual([false, true]); // an owned session object enters once

    const walked = when<number[]>((l) => adaSeen.on("setX", (x) => l([x])));
    ada.send("setX", 12.5);
    expect(await walked).toEqual([12.5]);
    const chatted = when<string>((l) => adaSeen.on("setChat", l));
    ada.send("setChat", "hello, мир 🙂");
    await chatted;
    expect(adaSeen.says).toEqual(["hello, мир 🙂"]);

    // Into a zone that only the second sees, and on to one that nobody does.
    const moved = when<DistributedObject>((l) => second.on("move", l));
    ada.move(park, zone + 1);
    expect((await moved).location).toEqual({ parent: park, zone: zone + 1 });
    const left = when<DistributedObject>((l) => second.on("leave", l));
    ada.move(park, zone + 2);
    expect(await left).toBe(adaSeen);
    expect(first.objects.get(ada.doId)).toBe(ada); // its owner's still

    const back = when<DistributedObject>((l) => second.on("enter", l), (o) => o.doId === ada.doId);
    ada.move(park, zone);
    await back;
    const gone = when<DistributedObject>((l) => second.on("leave", l), (o) => o.doId === ada.doId);
    first.close();
    await gone;
    second.close();
  });

  test("an interest is changed and closed", async () => {
    const client = newClient(url());
    const other = newClient(url());
    const [eve, dan] = await Promise.all([login<Player>(client, "Eve"), login<Player>(other, "Dan")]);
    const interest = client.addInterest(park, [zone + 5]);
    await interest.ready;
    expect(client.objects.has(dan.doId)).toBe(false);
    await interest.change([zone, zone + 5]);
    expect(client.objects.get(dan.doId)?.visible).toBe(true);
    await interest.close();
    expect(client.objects.has(dan.doId)).toBe(false);
    expect([eve.owned, eve.visible]).toEqual([true, false]);
    client.close();
    other.close();
  });

  test("ejections say why", async () => {
    await expect(newClient(url(), { version: "old" }).connect()).rejects.toMatchObject({ code: 124, message: expect.stringMatching(/^bad version \(124\): .*"park-1"/) });
    await expect(newClient(url(), { dc: { ...dc, hash: 1 } }).connect()).rejects.toMatchObject({ code: 125 });
    const client = newClient(url());
    await client.connect();
    const closed = when<Error>((l) => client.on("close", l));
    client.refer(LoginManager, loginManager).send("login", "kick me");
    expect(await closed).toEqual(new Ejected(4000, "No room for you."));

    const cheat = newClient(url());
    const avatar = await login(cheat, "Cheat");
    const ejected = when<Error>((l) => cheat.on("close", l));
    avatar.send("setGold", 1_000_000);
    expect((await ejected).message).toMatch(/^forbidden field \(118\): .*setGold/);
    expect(cheat.objects.size).toBe(0);
    await expect(login(cheat, "Again")).resolves.toBeInstanceOf(Player); // a new session
    cheat.close();
  });

  test("heartbeats keep it, and without them it is ejected", async () => {
    const silent = newClient(url(), { heartbeat: 0 });
    const alive = newClient(url(), { heartbeat: 300 });
    await Promise.all([silent.connect(), alive.connect()]);
    const closed = await when<Error>((l) => silent.on("close", l));
    expect(closed).toMatchObject({ code: 345 });
    expect(alive.state).toBe("ready");
    alive.close();
  });
});

test("what is no client agent is told apart", async () => {
  await expect(newClient(world.tcp.replace("tcp:", "ws:")).connect()).rejects.toThrow(/refuses|broke|closed|answer/);
  await expect(newClient("ws://127.0.0.1:1").connect()).rejects.toThrow("ECONNREFUSED");
  await expect(newClient("http://127.0.0.1:1").connect()).rejects.toThrow("a URL begins with ws:, wss:, tcp: or tls:");
  await expect(new AnyClient({ url: world.webSocket, dc, version: "park-1", dial: dialNode }).connect()).resolves.toBeUndefined();
});
