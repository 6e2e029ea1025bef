import { createHash } from "node:crypto";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { dialNode } from "../src/node.js";
import type { Transport } from "../src/index.js";

// The WebSocket for Node, against a server that says what a test wants.

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const s of sockets.splice(0)) s.destroy();
  for (const s of servers.splice(0)) s.close();
});

interface Dialled {
  transport: Transport;
  told: string[];
  heard: Promise<Buffer>;
  closed: Promise<string>;
  socket: Promise<Socket>;
}

/** Connects to a server that answers the handshake with what a function makes of the key. */
async function dial(answer: (accept: string) => string | Buffer): Promise<Dialled> {
  let onSocket!: (socket: Socket) => void;
  const socket = new Promise<Socket>((resolve) => (onSocket = resolve));
  let onHeard!: (data: Buffer) => void;
  const heard = new Promise<Buffer>((resolve) => (onHeard = resolve));
  const server = createServer((s) => {
    sockets.push(s);
    s.on("error", () => {});
    s.once("data", (head) => {
      const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(head.toString())![1]!;
      s.once("data", onHeard);
      s.write(answer(createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64")));
      onSocket(s);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const told: string[] = [];
  let transport!: Transport;
  const closed = new Promise<string>((resolve) => {
    transport = dialNode(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/game?x=1`, {
      open: () => told.push("open"),
      message: (m) => told.push(Buffer.from(m).toString("hex")),
      close: (why) => (told.push("close"), resolve(why)),
    });
  });
  return { transport, told, heard, closed, socket };
}

const accepted = (accept: string): string =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nsec-websocket-accept:${accept}\r\n\r\n`;

function frame(opcode: number, data: number[] | Buffer, final = true): Buffer {
  const head = data.length > 125 ? [126, data.length >> 8, data.length & 255] : [data.length];
  return Buffer.from([(final ? 0x80 : 0) | opcode, ...head, ...data]);
}

test("messages come whole, however they are cut", async () => {
  const { told, socket, closed } = await dial((accept) => Buffer.concat([Buffer.from(accepted(accept)), frame(2, [1, 2])]));
  const s = await socket;
  const long = Buffer.alloc(300, 7);
  const all = Buffer.concat([frame(2, long), frame(2, [3], false), frame(9, [42]), frame(0, [], false), frame(0, [4]), frame(8, [3, 0xe8, 0x62, 0x79, 0x65])]);
  s.setNoDelay(true);
  for (const byte of all) s.write(Buffer.of(byte));
  expect(await closed).toBe("bye");
  expect(told).toEqual(["open", "0102", long.toString("hex"), "0304", "close"]);
});

test("messages are masked, and pings answered", async () => {
  const { transport, heard, socket, told } = await dial(accepted);
  const s = await socket;
  s.write(frame(9, [42]));
  const pong = await heard;
  expect([pong[0], pong[1]! & 0x80, pong[6]! ^ pong[2]!]).toEqual([0x8a, 0x80, 42]);
  const next = new Promise<Buffer>((resolve) => s.once("data", resolve));
  transport.send(Uint8Array.of(9, 8, 7, 6, 5));
  const m = await next;
  expect([m[0], m[1]]).toEqual([0x82, 0x85]);
  expect(Array.from(m.subarray(6), (c, i) => c ^ m[2 + (i & 3)]!)).toEqual([9, 8, 7, 6, 5]);
  expect(told).toEqual(["open"]);
});

test.each<[string, (accept: string) => string | Buffer, RegExp]>([
  ["a refusal", () => "HTTP/1.1 403 Forbidden\r\n\r\n", /403/],
  ["another key", () => accepted("nonsense"), /refuses/],
  ["no HTTP", () => "x".repeat(20_000), /does not answer/],
  ["text", (accept) => Buffer.concat([Buffer.from(accepted(accept)), frame(1, [65])]), /sent text/],
  ["a masked frame", (accept) => Buffer.concat([Buffer.from(accepted(accept)), Buffer.of(0x82, 0x81, 0, 0, 0, 0, 0)]), /no frame/],
  ["too long a frame", (accept) => Buffer.concat([Buffer.from(accepted(accept)), Buffer.of(0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0)]), /no frame/],
  ["too long a message", (accept) => Buffer.concat([Buffer.from(accepted(accept)), frame(2, Buffer.alloc(60_000), false), frame(0, Buffer.alloc(60_000))]), /too long/],
  ["another opcode", (accept) => Buffer.concat([Buffer.from(accepted(accept)), frame(11, [1])]), /kind 11/],
])("what is not a WebSocket of a client agent ends it: %s", async (_, answer, why) => {
  const { closed, told } = await dial(answer);
  expect(await closed).toMatch(why);
  expect(told.filter((t) => t === "close").length).toBe(1);
});
