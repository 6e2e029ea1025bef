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

test.skipIf(!clients)(`${clients} clients in one process`, { timeout: 300_000 }, async () => {
  const world = await World.start(inject("astrond"));
  const all: { client: Client; avatar: Avatar }[] = [];
  let heard = 0;
  let warnings = 0;
  const before = process.memoryUsage().rss;
  const login = async (i: number): Promise<void> => {
    const client = new Client({ url: world.webSocket, dc, version: "park-1", classes: [Avatar], heartbeat: 1000 });
    client.on("warning", () => warnings++);
    client.on("enter", (o) => o.on("setXY", () => heard++));
    await client.connect();
    const own = new Promise<DistributedObject>((resolve) => client.on("owner", resolve));
    client.refer(LoginManager, loginManager).send("login", `player ${i}`);
    const avatar = (await own) as Avatar;
    const zone = 1000 + Math.floor(i / perZone);
    avatar.move(park, zone);
    await client.addInterest(park, zone).ready;
    all.push({ client, avatar });
  };
  try {
    const begun = performance.now();
    for (let i = 0; i < clients; i += 50) {
      await Promise.all(Array.from({ length: Math.min(50, clients - i) }, (_, j) => login(i + j)));
    }
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
