import { Reader, Writer } from "./bytes.js";
import { ConnectionClosed, Ejected } from "./closed.js";
import { Link } from "./link.js";
import { Message } from "./protocol.js";
import { Session } from "./session.js";
import type { Dial } from "./transport.js";
import { Waiting } from "./waiting.js";

/** Where to connect, and as what. */
export interface ConnectionOptions {
  /** One after the other is tried. */
  urls: readonly string[];
  dial: Dial;
  /** Milliseconds until an answer to the first message must have come; 0 for any time. */
  timeout: number;
  /** Milliseconds between heartbeats; 0 for none. */
  heartbeat: number;
  hash: number;
  version: string;
}

/** What a {@link Connection} tells. After `closed` it tells nothing more. */
export interface ConnectionEvents {
  /** The hello is answered. */
  ready(): void;
  /** A message has come. */
  message(message: Uint8Array): void;
  /** The connection is lost, and is being made again. */
  away(why: ConnectionClosed): void;
  /** It is there again; the agent may not have got so many messages. */
  back(unsure: number): void;
  /** Messages that say what the client has; not the interests with contexts that are asked again. */
  have(again: ReadonlySet<string>): Uint8Array<ArrayBuffer>[];
  /** The end, or there never was a connection. */
  closed(why: ConnectionClosed): void;
}

/** Milliseconds between two attempts to come back: the first, and the most. Each time it is twice as long. */
const shortest = 100;
const longest = 5000;

/** How long a client goes on with an agent that asks it to go elsewhere, if it cannot. */
const retryMove = 1000;

/** Refusals after which to try again: another agent has the session, or the agent stops. */
const passing: readonly number[] = [362, 154];

/** One connection after the other to client agents, which loses no message on the way: docs/resume.md. */
export class Connection {
  #link: Link | undefined; // the one that messages come from
  #next: Link | undefined; // the one that is being made
  #held: Uint8Array[] | undefined; // came from #link when #next had asked for the session
  #session: Session | undefined; // since the client has asked to come back
  #token = new Waiting<boolean>();
  #turn = 0; // of the URLs
  #pause = shortest;
  #until = 0; // when the session has waited long enough, if #link is lost
  #away = false; // that was told
  #quiet = false; // nothing has come since an acknowledgement was asked for
  #over = false;
  #timer: ReturnType<typeof setTimeout> | undefined; // of the next attempt
  #beats: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly events: ConnectionEvents,
  ) {}

  /** Connects, and says hello. */
  open(): void {
    const { urls, dial, timeout } = this.options;
    const url = urls[this.#turn++ % urls.length] ?? "";
    const waits = this.#session ? Math.min(timeout || Infinity, Math.max(1000, this.#session.within / 4)) : timeout;
    const link = new Link({
      open: () => this.#first(),
      answer: (message) => this.#answered(link, message, url),
      message: (message) => this.#heard(link, message),
      lost: (why) => this.#lost(link, why),
    });
    this.#next = link;
    link.open(dial, url, waits);
  }

  /** How many bytes wait to be sent. */
  get waiting(): number {
    return this.#link?.waiting ?? this.#session?.size ?? 0;
  }

  /** Sends a message, now or when the client is back. */
  send(message: Uint8Array<ArrayBuffer>): void {
    const due = this.#session?.sends(message);
    this.#link?.send(message);
    if (due) this.#acknowledge();
  }

  /** Asks the agent to let the client come back. */
  keep(): Promise<boolean> {
    if (!this.#session) {
      this.#token = new Waiting();
      this.#session = new Session();
      this.#link?.send(new Writer().int(2, Message.GetResumeToken).int(1, 1).take());
    }
    return this.#token.promise;
  }

  /** Ends it; a last message goes out first, if it can. */
  close(why: ConnectionClosed, last?: Uint8Array<ArrayBuffer>): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    clearInterval(this.#beats);
    if (last) this.#link?.send(last);
    this.#link?.close();
    this.#next?.close();
    this.#token.fail(why);
    this.events.closed(why);
  }

  /** What is said first. When the session has been asked for, nothing more is taken from the old connection. */
  #first(): Uint8Array<ArrayBuffer> {
    const { hash, version } = this.options;
    const s = this.#session;
    const w = new Writer().int(2, s ? Message.Resume : Message.Hello).int(4, hash).text(version);
    if (!s) return w.take();
    if (this.#link) this.#held = [];
    return w.int(2, s.token.length).raw(s.token).int(4, s.received).take();
  }

  #answered(link: Link, message: Uint8Array, url: string): void {
    const r = new Reader(message);
    const s = this.#session;
    let why: ConnectionClosed;
    try {
      const type = r.uint(2);
      if (!s && type === Message.HelloResp) {
        r.done();
        return this.#ready(link);
      }
      if (s && (type === Message.Resumed || type === Message.Recovered)) {
        const arrived = type === Message.Resumed ? r.uint(4) : undefined;
        s.take(r);
        return this.#goOn(link, s, arrived);
      }
      why = type === Message.Eject ? new Ejected(r.uint(2), r.text()) : new ConnectionClosed(`${url} answered with a message of type ${type}`);
    } catch (e) {
      why = new ConnectionClosed(`${url} answered with a malformed message: ${String(e)}`);
    }
    link.close();
    this.#refused(why);
  }

  #ready(link: Link): void {
    this.#link = link;
    this.#next = undefined;
    const { heartbeat } = this.options;
    if (heartbeat) this.#beats = setInterval(() => this.#beat(heartbeat), heartbeat);
    this.events.ready();
  }

  /** Tells the agent that the client is there, and looks whether the agent is: it answers an acknowledgement. */
  #beat(every: number): void {
    const link = this.#link;
    if (!link) return;
    if (this.#quiet) return link.lose(`the client agent has not answered for ${every} ms`);
    this.send(new Writer().int(2, Message.Heartbeat).take());
    if (!this.#session?.token.length || this.#held) return;
    this.#acknowledge();
    this.#quiet = true;
  }

  #acknowledge(): void {
    if (this.#session) this.#link?.send(this.#session.acknowledgement());
  }

  /** Goes on with a new connection. Without a number of messages that have arrived, the old agent was killed. */
  #goOn(link: Link, s: Session, arrived: number | undefined): void {
    this.#link?.close();
    clearTimeout(this.#timer);
    this.#link = link;
    this.#next = this.#held = undefined;
    this.#away = this.#quiet = false;
    this.#pause = shortest;
    let unsure = 0;
    if (arrived === undefined) {
      const kept = s.recover();
      unsure = kept.unsure;
      for (const m of this.events.have(kept.again)) link.send(m);
    } else {
      s.forget(arrived);
    }
    this.#acknowledge(); // so that the agent knows that the token has come
    for (const m of s.unsent) link.send(m);
    this.events.back(unsure);
  }

  #heard(link: Link, message: Uint8Array): void {
    if (link !== this.#link) return;
    if (this.#held) return void this.#held.push(message);
    this.#quiet = false;
    const type = message.length < 2 ? 0 : message[0]! | (message[1]! << 8);
    if (type < Message.GetResumeToken || type > Message.Have) {
      if (this.#session?.receives(message)) this.#acknowledge();
    }
    this.events.message(message);
  }

  /** Takes what the agent says of coming back. It says whether that has a meaning now. */
  told(type: number, r: Reader): boolean {
    const s = this.#session;
    if (!s) return false;
    switch (type) {
      case Message.ResumeToken:
        s.take(r);
        s.received = 0;
        if (!s.token.length) this.#lapse();
        this.#token.done(s.token.length > 0);
        return true;
      case Message.Acknowledge: {
        const arrived = r.uint(4);
        r.done();
        s.forget(arrived);
        return true;
      }
      case Message.Reconnect: {
        const after = r.uint(4);
        r.done();
        if (!this.#next && s.token.length) this.#again(after);
        return true;
      }
    }
    return false;
  }

  /** The client cannot come back any more. */
  #lapse(): void {
    this.#session = this.#held = undefined;
    clearTimeout(this.#timer);
    this.#next?.close();
    this.#next = undefined;
  }

  #again(after: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), after);
  }

  #lost(link: Link, why: ConnectionClosed): void {
    if (link === this.#next) return this.#refused(why);
    if (link !== this.#link) return;
    this.#link = this.#held = undefined;
    const s = this.#session;
    if (!s?.token.length) return this.close(why);
    this.#until = performance.now() + s.within;
    if (this.#next) return; // which may be about to go on
    this.#tellAway(why);
    if (!this.#over) this.#again(0);
  }

  #tellAway(why: ConnectionClosed): void {
    if (this.#away) return;
    this.#away = true;
    this.events.away(why);
  }

  /** A connection could not be made, or was refused. */
  #refused(why: ConnectionClosed): void {
    this.#next = undefined;
    const last = why instanceof Ejected && !passing.includes(why.code);
    if (!this.#session) {
      if (last || this.#turn >= this.options.urls.length) this.close(why);
      else this.open();
      return;
    }
    const link = this.#link;
    if (link) { // which is good as long as it lasts
      const held = this.#held;
      this.#held = undefined;
      this.#again(retryMove);
      for (const m of held ?? []) this.#heard(link, m);
      return;
    }
    if (last || performance.now() > this.#until) return this.close(why);
    this.#tellAway(why);
    if (this.#over) return;
    this.#again(this.#pause * (0.5 + Math.random() / 2)); // not all clients of an agent at once
    this.#pause = Math.min(2 * this.#pause, longest);
  }
}
