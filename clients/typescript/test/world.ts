import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Reader, Writer } from "../src/bytes.js";
import { DCFile } from "../src/dcfile.js";
import { dc } from "./park.dc.js";

// A real cluster in one process, and an AI for it.

export const loginManager = 4665;
export const park = 10000;
export const zone = 7;
const ai = 401000;
const stateServer = 402000;

/** A daemon with the DC file park.dc, and an AI that lets everybody in and gives them an avatar. */
export class World {
  private readonly dir = mkdtempSync(join(tmpdir(), "natstron-world-"));
  private process!: ChildProcess;
  private md!: Socket;
  private readonly file = new DCFile(dc);
  private next = park;
  private exists!: () => void;
  /** What players have told the AI, in order. */
  readonly logins: string[] = [];
  /** The URLs of the client agent. */
  webSocket = "";
  tcp = "";

  static async start(astrond: string): Promise<World> {
    const world = new World();
    const ports = await world.launch(astrond);
    await world.join(ports);
    return world;
  }

  /** Starts the daemon, and returns where its message director listens. */
  private launch(astrond: string): Promise<string> {
    const config = join(this.dir, "astrond.yml");
    writeFileSync(config, `
daemon: {name: park}
general:
  dc_files: [${join(import.meta.dirname, "park.dc")}]
uberdogs:
  - {id: ${loginManager}, class: LoginManager, anonymous: true}
messagedirector: {bind: '127.0.0.1:0'}
backbone: {embedded: {listen: '127.0.0.1:0'}}
roles:
  - {type: stateserver, control: ${stateServer}}
  - type: clientagent
    bind: 127.0.0.1:0
    version: park-1
    channels: {min: 1000000000, max: 1009999999}
    client: {add_interest: enabled, relocate: true, heartbeat_timeout: 2000}
    listeners:
      - {bind: '127.0.0.1:0', websocket: true, origins: ['127.0.0.1:*']}
`);
    this.process = spawn(astrond, ["--log-format", "json", config], { stdio: ["ignore", "pipe", "inherit"] });
    return new Promise((resolve, reject) => {
      const said: string[] = [];
      this.process.on("exit", (code) => reject(new Error(`astrond ended with ${code}:\n${said.join("\n")}`)));
      createInterface(this.process.stdout!).on("line", (line) => {
        said.push(line);
        const entry = JSON.parse(line) as { msg: string; address: string; websocket: boolean; message_director: string };
        if (entry.msg === "listening for clients") {
          if (entry.websocket) this.webSocket = `ws://${entry.address}`;
          else this.tcp = `tcp://${entry.address}`;
        }
        if (entry.msg === "ready") resolve(entry.message_director);
      });
    });
  }

  /** Connects the AI, which makes the park. */
  private async join(address: string): Promise<void> {
    const [host, port] = address.split(":");
    this.md = connect(Number(port), host);
    let rest = Buffer.alloc(0);
    this.md.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16LE()) {
        const end = 2 + rest.readUInt16LE();
        this.hear(new Reader(rest.subarray(2, end)));
        rest = rest.subarray(end);
      }
    });
    for (const channel of [ai, loginManager]) this.frame(new Writer().int(1, 1).big(1n).int(2, 9000).big(BigInt(channel)));
    const there = new Promise<void>((resolve) => (this.exists = resolve));
    this.create(park, "World", 0, 0, []);
    // It is there when it says that it has this AI.
    this.send(park, 2050, (w) => w.big(BigInt(ai)));
    await there;
  }

  private frame(w: Writer): void {
    const body = w.take();
    this.md.write(new Writer().int(2, body.length).raw(body).take());
  }

  /** Sends a message of the cluster to a channel. */
  send(to: number | bigint, type: number, write: (w: Writer) => unknown): void {
    const w = new Writer().int(1, 1).big(BigInt(to)).big(BigInt(ai)).int(2, type);
    write(w);
    this.frame(w);
  }

  private create(doId: number, dclass: string, parent: number, zone: number, fields: [string, unknown[]][]): void {
    const of = this.file.dclass(dclass)!;
    this.send(stateServer, 2000, (w) => {
      w.int(4, doId).int(4, parent).int(4, zone).int(2, of.id);
      for (const [name, values] of fields) of.field(name)!.write(w, values);
    });
  }

  private hear(r: Reader): void {
    for (let n = r.uint(1); n > 0; n--) r.big(false);
    const sender = r.big(false);
    const type = r.uint(2);
    if (type === 2052) this.exists(); // STATESERVER_OBJECT_ENTER_AI_WITH_REQUIRED
    else if (type === 2020 && r.uint(4) === loginManager) {
      r.uint(2);
      this.login(sender, r.text());
    }
  }

  /** Lets a client in. Its name says what becomes of it. */
  private login(client: bigint, name: string): void {
    this.logins.push(name);
    if (name === "kick me") return this.send(client, 1004, (w) => w.int(2, 4000).text("No room for you."));
    const avatar = ++this.next;
    this.send(client, 1000, (w) => w.int(2, 2)); // logged in
    this.create(avatar, "Avatar", park, zone, [
      ["setName", [name]],
      ["setGold", [100]],
      ["setColour", [{ red: 1, green: 2 }]],
      ["setSecret", ["the AI's"]],
    ]);
    this.send(avatar, 2060, (w) => w.big(client)); // its owner
    this.send(client, 1012, (w) => w.int(4, avatar)); // it goes with its owner
  }

  async stop(): Promise<void> {
    this.md?.destroy();
    const ended = new Promise((resolve) => this.process.removeAllListeners("exit").on("exit", resolve));
    this.process.kill();
    await ended;
    rmSync(this.dir, { recursive: true, force: true });
  }
}
