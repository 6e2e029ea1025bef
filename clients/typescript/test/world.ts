import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { Reader, Writer } from "../src/bytes.js";
import { DCFile } from "../src/dcfile.js";
import { Daemon } from "./daemon.js";
import { dc } from "./park.dc.js";

// A real cluster in one process, and an AI for it.

export const loginManager = 4665;
export const park = 10000;
export const zone = 7;
const ai = 401000;
const stateServer = 402000;

const general = `
general: {dc_files: [${join(import.meta.dirname, "park.dc")}]}
uberdogs: [{id: ${loginManager}, class: LoginManager, anonymous: true}]
`;

const clientAgent = (number: number): string => `
  - type: clientagent
    bind: 127.0.0.1:0
    version: park-1
    channels: {min: ${1_000_000_000 + number * 10_000_000}, max: ${1_009_999_999 + number * 10_000_000}}
    client: {add_interest: enabled, relocate: true, heartbeat_timeout: 2000}
    drain_timeout: 1m
    resume: {within: 1m, recover: true, keys: [a secret of the tests]}
    listeners:
      - {bind: '127.0.0.1:0', websocket: true, origins: ['127.0.0.1:*']}
`;

/** A daemon with the DC file park.dc, and an AI that lets everybody in and gives them an avatar. */
export class World {
  private director!: Daemon;
  /** The client agents in processes of their own, if there are any. */
  agents: Daemon[] = [];
  private md!: Socket;
  private readonly file = new DCFile(dc);
  private next = park;
  private exists!: () => void;
  /** What players have told the AI, in order. */
  readonly logins: string[] = [];
  /** The channels of those whom the AI has let in, by name. */
  readonly clients = new Map<string, bigint>();

  private constructor(private readonly astrond: string) {}

  /** Starts a cluster in one process, or with so many client agents in others. */
  static async start(astrond: string, agents = 0): Promise<World> {
    const world = new World(astrond);
    world.director = new Daemon(astrond, `
daemon: {name: park}
${general}
messagedirector: {bind: '127.0.0.1:0'}
backbone: {embedded: {listen: '127.0.0.1:0'}}
roles:
  - {type: stateserver, control: ${stateServer}}
${agents ? "" : clientAgent(0)}
`);
    await world.director.ready;
    for (let i = 0; i < agents; i++) world.agents.push(await world.startAgent(i));
    await world.join(world.director.entry("ready").message_director!);
    return world;
  }

  /** Starts a client agent, which may have the number of one that has ended. */
  async startAgent(number: number): Promise<Daemon> {
    const agent = new Daemon(this.astrond, `
daemon: {name: gate${number}}
${general}
backbone: {urls: ['${this.director.entry("ready").nats}']}
roles:
${clientAgent(number)}
`);
    await agent.ready;
    return agent;
  }

  /** The URLs of the client agent of the first process. */
  get webSocket(): string {
    return this.director.webSocket;
  }
  get tcp(): string {
    return this.director.tcp;
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

  /** Sets a field of an avatar, as the AI. */
  set(doId: number, name: string, values: unknown[]): void {
    const field = this.file.dclass("Avatar")!.field(name)!;
    this.send(doId, 2020, (w) => field.write(w.int(4, doId).int(2, field.id), values));
  }

  /** Deletes an avatar. */
  delete(doId: number): void {
    this.send(doId, 2032, (w) => w.int(4, doId));
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
    this.clients.set(name, client);
    this.send(client, 1000, (w) => w.int(2, 2)); // logged in
    const avatar = this.avatar(name);
    this.give(avatar, name);
    this.send(client, 1012, (w) => w.int(4, avatar)); // it goes with its owner
  }

  /** Makes an avatar. */
  avatar(name: string): number {
    this.create(++this.next, "Avatar", park, zone, [
      ["setName", [name]],
      ["setGold", [100]],
      ["setColour", [{ red: 1, green: 2 }]],
      ["setSecret", ["the AI's"]],
    ]);
    return this.next;
  }

  /** Gives an avatar to a player; to nobody without a name. */
  give(avatar: number, name?: string): void {
    this.send(avatar, 2060, (w) => w.big(name === undefined ? 0n : this.clients.get(name)!));
  }

  async stop(): Promise<void> {
    this.md?.destroy();
    for (const daemon of [...this.agents, this.director]) await daemon.end("SIGKILL"); // sessions may wait for their clients
  }
}
