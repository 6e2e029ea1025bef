import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A line of a daemon's log. */
interface Entry {
  msg: string;
  address?: string;
  websocket?: boolean;
  message_director?: string;
  nats?: string;
}

/** A process of astrond with a configuration. */
export class Daemon {
  private readonly dir = mkdtempSync(join(tmpdir(), "natstron-daemon-"));
  private readonly process: ChildProcess;
  private readonly said: Entry[] = [];
  /** Fulfilled when it is ready. */
  readonly ready: Promise<void>;
  private readonly ended: Promise<void>;

  constructor(astrond: string, config: string) {
    const file = join(this.dir, "astrond.yml");
    writeFileSync(file, config);
    this.process = spawn(astrond, ["--log-format", "json", file], { stdio: ["ignore", "pipe", "inherit"] });
    this.ended = new Promise((resolve) => this.process.on("exit", () => resolve()));
    this.ready = new Promise((resolve, reject) => {
      this.process.on("exit", (code) => reject(new Error(`astrond ended with ${code}:\n${this.said.map((e) => JSON.stringify(e)).join("\n")}`)));
      createInterface(this.process.stdout!).on("line", (line) => {
        const entry = JSON.parse(line) as Entry;
        this.said.push(entry);
        if (entry.msg === "ready") resolve();
      });
    });
    this.ready.catch(() => {});
  }

  /** What the log said. */
  entry(msg: string, accept: (entry: Entry) => boolean = () => true): Entry {
    const found = this.said.find((e) => e.msg === msg && accept(e));
    if (!found) throw new Error(`astrond has not said ${msg}`);
    return found;
  }

  /** Where its client agent listens. */
  get webSocket(): string {
    return `ws://${this.entry("listening for clients", (e) => e.websocket === true).address}`;
  }
  get tcp(): string {
    return `tcp://${this.entry("listening for clients", (e) => !e.websocket).address}`;
  }

  /** Sends a signal, and waits for the end. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.process.kill(signal);
    await this.ended;
    rmSync(this.dir, { recursive: true, force: true });
  }
}
