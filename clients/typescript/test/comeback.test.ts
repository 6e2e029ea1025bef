import { afterEach, expect, inject, test } from "vitest";
import type { DistributedObject, Warning } from "../src/index.js";
import { Client } from "../src/node.js";
import { Cable } from "./cable.js";
import { Avatar, dc } from "./park.dc.js";
import { login, when } from "./play.js";
import { World, park, zone } from "./world.js";

// Clients that lose their connection, or their agent, with a real cluster.

/** An avatar that writes down what its class is told. */
class Player extends Avatar {
  told: string[] = [];
  setName(name: string): void {
    this.told.push(`name ${name}`);
  }
  setGold(gold: number): void {
    this.told.push(`gold ${gold}`);
  }
  setX(x: number): void {
    this.told.push(`x ${x}`);
  }
  setChat(text: string): void {
    this.told.push(text);
  }
  override moved(): void {
    this.told.push(`zone ${this.location!.zone}`);
  }
  override ownerChanged(): void {
    this.told.push(this.owned ? "owned" : "not owned");
  }
  override left(): void {
    this.told.push("left");
  }
}

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function newWorld(agents = 0): Promise<World> {
  const world = await World.start(inject("astrond"), agents);
  ends.push(() => world.stop());
  return world;
}

async function newCable(url: string): Promise<Cable> {
  const cable = await Cable.to(url);
  ends.push(() => cable.close());
  return cable;
}

/** A player who is in and sees the park, and what the client tells. */
async function player(name: string, url: string | string[], heartbeat = 500): Promise<{ client: Client; avatar: Player; told: string[]; warnings: Warning[] }> {
  const client = new Client({ url, dc, version: "park-1", classes: [Player], heartbeat });
  const told: string[] = [];
  const warnings: Warning[] = [];
  client.on("warning", (w) => warnings.push(w));
  client.on("away", () => told.push("away"));
  client.on("back", (unsure) => told.push(`back ${unsure}`));
  client.on("close", (why) => told.push(why.message));
  client.on("enter", (o) => told.push(`enter ${o.get("setName")}`));
  client.on("leave", (o) => told.push(`leave ${o.get("setName")}`));
  ends.push(() => client.close());
  const avatar = await login<Player>(client, name);
  expect(await client.keepSession()).toBe(true);
  await client.addInterest(park, zone).ready;
  return { client, avatar, told, warnings };
}

/** Waits until a client sees an avatar, and returns it as the client does. */
async function sees(client: Client, avatar: Player): Promise<Player> {
  const there = (): Player | undefined => client.objects.get(avatar.doId) as Player | undefined;
  if (!there()) await when<DistributedObject>((l) => client.on("enter", l), (o) => o.doId === avatar.doId);
  return there()!;
}

/** Waits until an avatar has been told something. */
async function hears(avatar: Player, text: string): Promise<void> {
  if (!avatar.told.includes(text)) await when<string>((l) => avatar.on("setChat", l), (said) => said === text);
}

test.each(["webSocket", "tcp"] as const)("a connection that is cut is made again, and nothing is missed: %s", async (how) => {
  const world = await newWorld();
  const cable = await newCable(world[how]);
  const ada = await player("Ada", cable.url);
  const bob = await player("Bob", world[how]);
  const adaSeen = bob.client.objects.get(ada.avatar.doId) as Player;
  const bobSeen = await sees(ada.client, bob.avatar);
  const tree = world.avatar("tree");
  await when<DistributedObject>((l) => ada.client.on("enter", l), (o) => o.doId === tree);
  ada.told.length = 0;
  bobSeen.told = [];
  adaSeen.told = [];
  for (let round = 0; round < 3; round++) {
    const away = when((l) => ada.client.on("away", l));
    cable.down = true;
    for (let i = 0; i < 20; i++) {
      bob.avatar.send("setChat", `bob ${round} ${i}`); // no ram: it cannot be asked for later
      ada.avatar.send("setChat", `ada ${round} ${i}`);
      if (i === 10) cable.cut();
    }
    await away;
    if (round === 1) world.delete(tree);
    const interest = round === 2 ? ada.client.addInterest(park, zone + 1) : undefined;
    ada.avatar.send("setChat", `ada ${round} last`);
    const back = when((l) => ada.client.on("back", l));
    cable.down = false;
    await back;
    await interest?.ready;
    await hears(adaSeen, `ada ${round} last`);
    bob.avatar.send("setChat", `bob ${round} last`);
    await hears(bobSeen, `bob ${round} last`);
  }
  const lines = (who: string) => [0, 1, 2].flatMap((round) => [...Array.from({ length: 20 }, (_, i) => `${who} ${round} ${i}`), `${who} ${round} last`]);
  expect(adaSeen.told).toEqual(lines("ada"));
  expect(bobSeen.told).toEqual(lines("bob"));
  expect(ada.told).toEqual(["away", "back 0", "away", "back 0", "leave tree", "away", "back 0"]);
  expect([ada.client.objects.get(ada.avatar.doId), ada.avatar.owned, bob.client.objects.get(ada.avatar.doId)]).toEqual([ada.avatar, true, adaSeen]);
  expect(bob.told.filter((t) => t === "leave Ada")).toEqual([]);
  expect([ada.warnings, bob.warnings]).toEqual([[], []]);
});

test("a connection through which nothing comes any more is left", async () => {
  const world = await newWorld();
  const cable = await newCable(world.webSocket);
  const ada = await player("Ada", cable.url);
  const bob = await player("Bob", world.webSocket);
  const back = when((l) => ada.client.on("back", l));
  cable.die();
  ada.avatar.send("setX", 7);
  bob.avatar.send("setChat", "are you there?");
  await back;
  const bobSeen = await sees(ada.client, bob.avatar);
  await hears(bobSeen, "are you there?");
  expect(ada.told).toEqual(["enter Ada", "enter Bob", "away", "back 0"]);
});

test("an agent that drains is left for another one, and nothing is missed", async () => {
  const world = await newWorld(2);
  const [first, second] = world.agents as [typeof world.agents[0], typeof world.agents[0]];
  const ada = await player("Ada", [first!.webSocket, second!.tcp]);
  const bob = await player("Bob", second!.webSocket);
  const adaSeen = bob.client.objects.get(ada.avatar.doId) as Player;
  const bobSeen = await sees(ada.client, bob.avatar);
  adaSeen.told = [];
  bobSeen.told = [];
  const back = when((l) => ada.client.on("back", l));
  const ended = first!.end();
  let n = 0;
  const talking = setInterval(() => {
    ada.avatar.send("setChat", `ada ${n}`);
    bob.avatar.send("setChat", `bob ${n++}`);
  }, 2);
  await back;
  await ended; // it is empty
  clearInterval(talking);
  ada.avatar.send("setChat", "ada last");
  bob.avatar.send("setChat", "bob last");
  await Promise.all([hears(adaSeen, "ada last"), hears(bobSeen, "bob last")]);
  const lines = (who: string) => [...Array.from({ length: n }, (_, i) => `${who} ${i}`), `${who} last`];
  expect(adaSeen.told).toEqual(lines("ada"));
  expect(bobSeen.told).toEqual(lines("bob"));
  expect(ada.told).toEqual(["enter Ada", "enter Bob", "back 0"]);
  expect(bob.told).not.toContain("leave Ada");
  expect([ada.warnings, bob.warnings]).toEqual([[], []]);
});

test("an agent that is killed: another one tells the client what has changed", async () => {
  const world = await newWorld(2);
  const [first, second] = world.agents;
  const cable = await newCable(second!.webSocket);
  const ada = await player("Ada", [first!.webSocket, cable.url]);
  const bob = await player("Bob", second!.webSocket);
  const all = new Map<string, Player>();
  ada.client.on("enter", (o) => all.set(o.get("setName")![0] as string, o as Player));
  const [pet, tree, rock] = [world.avatar("pet"), world.avatar("tree"), world.avatar("rock")];
  world.give(pet, "Ada");
  while (!(all.size === 3 && all.get("pet")?.owned)) await new Promise((resolve) => setTimeout(resolve, 5));
  const bobSeen = await sees(ada.client, bob.avatar);
  const adaSeen = bob.client.objects.get(ada.avatar.doId) as Player;
  bob.avatar.send("setX", 3);
  await when((l) => bobSeen.on("setX", l));
  for (const p of [bobSeen, adaSeen, ada.avatar, ...all.values()]) p.told = [];
  ada.told.length = 0;

  cable.down = true;
  const away = when((l) => ada.client.on("away", l));
  await first!.end("SIGKILL");
  await away;
  expect(ada.client.state).toBe("away");
  const interest = ada.client.addInterest(park, zone + 5); // asked while it is away
  bob.avatar.send("setX", 12.5);
  world.set(rock, "setName", ["stone"]);
  world.set(ada.avatar.doId, "setGold", [250]);
  world.delete(tree);
  world.give(pet);
  const bush = world.avatar("bush");
  const changed = when((l: (o: DistributedObject) => void) => bob.client.on("enter", l), (o) => o.doId === bush);
  await changed; // and what was said before
  const back = when((l) => ada.client.on("back", l));
  cable.down = false;
  await back;
  await interest.ready;
  bob.avatar.send("setChat", "welcome");
  await hears(bobSeen, "welcome");
  ada.avatar.send("setChat", "thanks");
  await hears(adaSeen, "thanks");

  expect(bobSeen.told).toEqual(["x 12.5", "welcome"]); // his name is as it was
  expect(all.get("rock")!.told).toEqual(["name stone"]);
  expect(ada.avatar.told).toEqual(["gold 250"]);
  expect(all.get("tree")!.told).toEqual(["left"]);
  expect(all.get("pet")!.told).toEqual(["not owned"]);
  expect([ada.client.objects.get(pet)?.visible, ada.client.objects.get(pet)?.owned]).toEqual([true, false]);
  expect([...ada.told].sort()).toEqual(["away", "back 0", "enter bush", "leave tree"]);
  expect([ada.client.objects.get(ada.avatar.doId), ada.avatar.owned]).toEqual([ada.avatar, true]);
  expect(adaSeen.told).toEqual(["thanks"]);
  expect(bob.told).not.toContain("leave Ada");
  expect([ada.warnings, bob.warnings]).toEqual([[], []]);
});
