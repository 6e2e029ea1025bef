// What the test in Chromium runs in a page: two players, by the WebSocket of the browser, and
// the values of Go's package dc.
import { Client, DCFile, ValueError, type DistributedObject, type Schema } from "natstron-client";
import { Avatar, LoginManager, dc } from "./park.dc.js";

const { url, cuttable, manager, park, zone } = Object.fromEntries(new URLSearchParams(location.search)) as Record<string, string>;

async function player(name: string, url: string): Promise<[Client, Avatar]> {
  const client = new Client({ url, dc, version: "park-1", classes: [Avatar] });
  client.on("warning", (w) => {
    throw w;
  });
  await client.connect();
  const avatar = new Promise<DistributedObject>((resolve) => client.on("owner", resolve));
  client.refer(LoginManager, Number(manager)).send("login", name);
  const own = (await avatar) as Avatar;
  await client.addInterest(Number(park), Number(zone)).ready;
  return [client, own];
}

async function play(): Promise<unknown> {
  const [first, ada] = await player("Ada", cuttable!);
  const [second, bob] = await player("Bob", url!);
  const own = bob.owned;
  const seen = second.objects.get(ada.doId) as Avatar;
  const walked = new Promise((resolve) => seen.on("setXY", (...at) => resolve(at)));
  ada.send("setXY", 1.5, -2.5);
  const at = await walked;
  const back = (await first.keepSession()) && new Promise((resolve) => first.on("back", resolve));
  await fetch("/cut", { method: "POST" });
  const heard = new Promise((resolve) => seen.on("setChat", resolve));
  ada.send("setChat", "on its way");
  const cut = [await back, await heard, seen.visible, ada.owned];
  const left = new Promise<DistributedObject>((resolve) => second.on("leave", resolve));
  first.close();
  const gone = (await left).doId === ada.doId;
  const refused = await new Client({ url: url!, dc, version: "old" }).connect().catch((e: unknown) => String(e));
  const nobody = await new Client({ url: "ws://127.0.0.1:1", dc, version: "x" }).connect().catch((e: unknown) => String(e));
  second.close();
  return { name: seen.get("setName"), own, at, cut, gone, refused, nobody };
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));
}

function result(f: () => string): string {
  try {
    return f();
  } catch (e) {
    if (e instanceof ValueError) return e.fault;
    throw e;
  }
}

/** Packs and reads Go's values, and returns how many there were, and what differs. */
async function values(): Promise<{ count: number; differ: string[] }> {
  let file!: DCFile;
  let rounds = false;
  let count = 0;
  const differ: string[] = [];
  for (const line of (await (await fetch("/vectors")).text()).trimEnd().split("\n")) {
    const row = JSON.parse(line) as { schema?: Schema; class: string; id: number; hex: string; pack?: string; check?: string; unpack?: string };
    if (row.schema) {
      file = new DCFile(row.schema);
      rounds = /"kind":"float\d\d"[^}]*"divisor"|"divisor"[^}]*"kind":"float/.test(line);
      continue;
    }
    if (!row.hex && row.hex !== "") continue; // numbers as people write them
    const field = file.dclass(row.class)!.field(row.id)!;
    const packed = bytes(row.hex);
    const hexOf = (b: Uint8Array) => Array.from(b, (c) => c.toString(16).padStart(2, "0")).join("");
    let ok = result(() => (field.unpack(packed, true), "")) === (row.check ?? "");
    ok &&= result(() => (field.unpack(packed), "")) === (row.unpack ?? "");
    if (!row.unpack && !rounds && !line.includes('"NaN"')) {
      ok &&= result(() => hexOf(field.pack(field.unpack(packed)))) === (row.pack ?? row.hex);
    }
    if (!ok) differ.push(line);
    count++;
  }
  return { count, differ: differ.slice(0, 5) };
}

async function main(): Promise<void> {
  let body: unknown;
  try {
    body = { ...((await play()) as object), ...(await values()), agent: navigator.userAgent };
  } catch (e) {
    body = { error: String((e as Error).stack ?? e) };
  }
  await fetch("/result", { method: "POST", body: JSON.stringify(body) });
}

void main();
