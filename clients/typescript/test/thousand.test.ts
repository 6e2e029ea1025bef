import { expect, inject, test } from "vitest";
import type { DistributedObject } from "../src/index.js";
import { Client } from "../src/node.js";
import { Avatar, LoginManager, dc } from "./park.dc.js";
import { World, loginManager, park } from "./world.js";

// How much a client costs: npm run thousand. The AI is in the same process, astrond is not.
const clients = Number(process.env.NATSTRON_CLIENTS ?? 0);
const perZone = 20;
const seconds = 10;
const updates = 2; // a second, of each

interface Player {
  client: Client;
  avatar: Avatar;
}

/** A player who is in, and sees a zone. */
async function login(i: number, url: string | string[], warn: () => void): Promise<Player> {
  const client = new Client({ url, dc, version: "park-1", classes: [Avatar], heartbeat: 1000 });
  client.on("warning", warn);
  await client.connect();
  const own = new Promise<DistributedObject>((resolve) => client.on("owner", resolve));
  client.refer(LoginManager, loginManager).send("login", `player ${i}`);
  const avatar = (await own) as Avatar;
  const zone = 1000 + Math.floor(i / perZone);
  avatar.move(park, zone);
  await client.addInterest(park, zone).ready;
  return { client, avatar };
}

async function inBatches(f: (i: number) => Promise<void>): Promise<void> {
  for (let i = 0; i < clients; i += 50) await Promise.all(Array.from({ length: Math.min(50, clients - i) }, (_, j) => f(i + j)));
}

test.skipIf(!clients)(`${clients} clients in one process`, { timeout: 300_000 }, async () => {
  const world = await World.start(inject("astrond"));
  const all: Player[] = [];
  let heard = 0;
  let warnings = 0;
  const before = process.memoryUsage().rss;
  try {
    const begun = performance.now();
    await inBatches(async (i) => {
      const one = await login(i, world.webSocket, () => warnings++);
      one.client.on("enter", (o) => o.on("setXY", () => heard++));
      for (const o of one.client.objects.values()) o.on("setXY", () => heard++);
      all[i] = one;
    });
    const logins = performance.now() - begun;
    expect(all.length).toBe(clients);
    const cpu = process.cpuUsage();
    const start = performance.now();
    let sent = 0;
    for (let step = 0; step < seconds * updates; step++) {
      // Spread over the step, as players are.
      for (let part = 0; part < 10; part++) {
        const due = start + ((step + part / 10) * 1000) / updates;
        await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
        for (let i = part; i < clients; i += 10) {
          all[i]!.avatar.send("setXY", step / 10, i / 10);
          sent++;
        }
      }
    }
    const want = sent * (perZone - 1);
    while (heard < want && performance.now() - start < 60_000) await new Promise((resolve) => setTimeout(resolve, 10));
    const took = (performance.now() - start) / 1000;
    const used = process.cpuUsage(cpu);
    console.log([
      `${clients} clients logged in and saw their zones in ${(logins / 1000).toFixed(2)} s`,
      `${sent} updates sent and ${heard} of ${want} heard in ${took.toFixed(1)} s, for ${((used.user + used.system) / heard).toFixed(1)} µs of CPU each`,
      `${((process.memoryUsage().rss - before) / 1024 / clients).toFixed(0)} KiB a client`,
    ].join("\n"));
    expect([heard, warnings]).toEqual([want, 0]);
  } finally {
    for (const { client } of all) client.close();
    await world.stop();
  }
});

test.skipIf(!clients)(`${clients} clients whose agent is killed`, { timeout: 300_000 }, async () => {
  const world = await World.start(inject("astrond"), 2);
  const [first, second] = world.agents;
  const all: Player[] = [];
  let warnings = 0;
  try {
    await inBatches(async (i) => {
      const one = await login(i, [first!.webSocket, second!.webSocket], () => warnings++);
      await one.client.keepSession();
      all[i] = one;
    });
    const whole = () => all.every(({ client, avatar }) => client.objects.size === perZone && avatar.owned);
    while (!whole()) await new Promise((resolve) => setTimeout(resolve, 10));
    const objects = all.map(({ client }) => [...client.objects.values()]);
    const back = all.map(({ client }) => new Promise((resolve) => client.on("back", () => resolve(performance.now()))));
    const events: string[] = [];
    for (const { client } of all) {
      client.on("leave", (o) => events.push(`${o} leaves`));
      client.on("enter", (o) => events.push(`${o} enters`));
      client.on("close", (why) => events.push(why.message));
    }
    const cpu = process.cpuUsage();
    const begun = performance.now();
    await first!.end("SIGKILL");
    const times = ((await Promise.all(back)) as number[]).map((t) => t - begun).sort((a, b) => a - b);
    // Each is up to date when an update comes through.
    await Promise.all(all.map(({ avatar }, i) => {
      const other = all[i % perZone ? i - 1 : i + perZone - 1]!;
      const seen = other.client.objects.get(avatar.doId)!;
      return new Promise((resolve) => {
        seen.on("setX", resolve);
        avatar.send("setX", 77);
      });
    }));
    const took = performance.now() - begun;
    const used = process.cpuUsage(cpu);
    console.log(`${clients} clients were back after ${times[clients / 2]!.toFixed(0)} ms (half), ${times.at(-1)!.toFixed(0)} ms (all), ` +
      `and heard each other after ${took.toFixed(0)} ms, for ${((used.user + used.system) / clients).toFixed(0)} µs of CPU each`);
    expect([events, warnings]).toEqual([[], 0]);
    expect(all.every(({ client }, i) => objects[i]!.every((o) => client.objects.get(o.doId) === o))).toBe(true);
  } finally {
    for (const { client } of all) client.close();
    await world.stop();
  }
});
