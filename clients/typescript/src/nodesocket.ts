import { createHash, randomBytes } from "node:crypto";
import { connect as connectTCP, type Socket } from "node:net";
import { connect as connectTLS } from "node:tls";
import type { Dial, Transport, TransportEvents } from "./transport.js";

/** Connects by `ws:` or `wss:`, or without WebSocket by `tcp:` or `tls:`. */
export const dialNode: Dial = (url, events) => {
  const { protocol, hostname, port, pathname, search, host } = new URL(url);
  const secure = protocol === "wss:" || protocol === "tls:";
  const web = protocol === "ws:" || protocol === "wss:";
  if (!secure && !web && protocol !== "tcp:") throw new TypeError("a URL begins with ws:, wss:, tcp: or tls:");
  const name = hostname.replace(/^\[|\]$/g, ""); // of an IPv6 address
  const to = { host: name, port: Number(port || (secure ? 443 : 80)) };
  const socket = secure ? connectTLS({ ...to, servername: /[:\d]$/.test(name) ? "" : name }) : connectTCP(to);
  const stream = web ? new WebStream(socket, events, host, pathname + search) : new Frames(socket, events);
  socket.setNoDelay(true);
  socket.once(secure ? "secureConnect" : "connect", () => stream.connected());
  socket.on("data", (chunk: Buffer) => stream.data(chunk));
  socket.on("error", (e) => stream.end(`no connection to ${url}, or it broke: ${e.message}`));
  socket.on("close", () => stream.end("the server closed the connection"));
  return stream;
};

/** What is the same in both kinds of connections. */
abstract class Stream implements Transport {
  private rest: Buffer = Buffer.alloc(0);
  private ended = false;

  constructor(
    protected readonly socket: Socket,
    protected readonly events: TransportEvents,
  ) {}

  abstract connected(): void;
  abstract send(message: Uint8Array): void;
  abstract close(): void;
  /** Takes what it can off the bytes, and returns how many that were. */
  protected abstract take(bytes: Buffer): number;

  get waiting(): number {
    return this.socket.writableLength;
  }

  data(chunk: Buffer): void {
    let bytes = this.rest.length ? Buffer.concat([this.rest, chunk]) : chunk;
    while (!this.ended) {
      const n = this.take(bytes);
      if (!n) break;
      bytes = bytes.subarray(n);
    }
    this.rest = bytes;
  }

  end(why: string): void {
    if (this.ended) return;
    this.ended = true;
    this.socket.destroy();
    this.events.close(why);
  }
}

/** TCP: a length of two bytes before each message. */
class Frames extends Stream {
  connected(): void {
    this.events.open();
  }

  send(message: Uint8Array): void {
    const frame = Buffer.allocUnsafe(2 + message.length);
    frame.writeUInt16LE(message.length);
    frame.set(message, 2);
    this.socket.write(frame);
  }

  close(): void {
    this.socket.end();
  }

  protected take(bytes: Buffer): number {
    if (bytes.length < 2) return 0;
    const end = 2 + bytes.readUInt16LE();
    if (bytes.length < end) return 0;
    this.events.message(bytes.subarray(2, end));
    return end;
  }
}

const text = 1;
const binary = 2;
const closing = 8;
const ping = 9;
const pong = 10;

/** The most bytes of an answer to the handshake, and of a message. */
const maxHead = 16384;
const maxMessage = 0xffff;

/** A WebSocket (RFC 6455), as much of it as a client agent speaks. */
class WebStream extends Stream {
  private readonly key = randomBytes(16).toString("base64");
  private open = false;
  private parts: Buffer[] = []; // of a message in several frames

  constructor(
    socket: Socket,
    events: TransportEvents,
    private readonly host: string,
    private readonly path: string,
  ) {
    super(socket, events);
  }

  connected(): void {
    this.socket.write(
      `GET ${this.path} HTTP/1.1\r\nHost: ${this.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${this.key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  }

  send(message: Uint8Array): void {
    this.frame(binary, message);
  }

  close(): void {
    if (this.open) this.frame(closing, Uint8Array.of(0x03, 0xe8)); // 1000: normal
    this.socket.end();
  }

  private frame(opcode: number, data: Uint8Array): void {
    const long = data.length > 125 ? 2 : 0; // messages have less than 65,536 bytes
    const frame = Buffer.allocUnsafe(6 + long + data.length);
    frame[0] = 0x80 | opcode;
    frame[1] = 0x80 | (long ? 126 : data.length);
    if (long) frame.writeUInt16BE(data.length, 2);
    const mask = randomBytes(4);
    frame.set(mask, 2 + long);
    const begin = 6 + long;
    for (let i = 0; i < data.length; i++) frame[begin + i] = data[i]! ^ mask[i & 3]!;
    this.socket.write(frame);
  }

  protected take(bytes: Buffer): number {
    return this.open ? this.takeFrame(bytes) : this.takeHead(bytes);
  }

  /** The answer to the handshake. */
  private takeHead(bytes: Buffer): number {
    const end = bytes.indexOf("\r\n\r\n");
    if (end < 0) {
      if (bytes.length > maxHead) this.end("the server does not answer like a WebSocket");
      return 0;
    }
    const [status = "", ...headers] = bytes.toString("latin1", 0, end).split("\r\n");
    const accept = createHash("sha1").update(`${this.key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const accepted = headers.some((line) => /^sec-websocket-accept:/i.test(line) && line.slice(line.indexOf(":") + 1).trim() === accept);
    if (!/^HTTP\/1\.1 101\b/.test(status) || !accepted) {
      this.end(`the server refuses the WebSocket: ${status}`);
      return 0;
    }
    this.open = true;
    this.events.open();
    return end + 4;
  }

  private takeFrame(bytes: Buffer): number {
    if (bytes.length < 2) return 0;
    const final = (bytes[0]! & 0x80) !== 0;
    const opcode = bytes[0]! & 0x0f;
    const short = bytes[1]! & 0x7f;
    const begin = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < begin) return 0;
    const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
    if (length > maxMessage || (bytes[0]! & 0x70) !== 0 || (bytes[1]! & 0x80) !== 0) {
      this.end("the server sends what is no frame of this WebSocket");
      return 0;
    }
    const end = begin + length;
    if (bytes.length < end) return 0;
    this.handle(opcode, final, bytes.subarray(begin, end));
    return end;
  }

  private handle(opcode: number, final: boolean, data: Buffer): void {
    switch (opcode) {
      case ping:
        return this.frame(pong, data);
      case pong:
        return;
      case closing:
        this.close();
        return this.end(data.toString("utf8", 2) || "the server closed the connection");
      case text:
        return this.end("the server does not speak the protocol of a client agent: it sent text");
      case 0:
      case binary:
        break;
      default:
        return this.end(`the server sends a frame of kind ${opcode}`);
    }
    if (data.length) this.parts.push(data);
    if (this.parts.reduce((n, part) => n + part.length, 0) > maxMessage) return this.end("the server sends too long a message");
    if (!final) return;
    const message = Buffer.concat(this.parts);
    this.parts = [];
    this.events.message(message);
  }
}
