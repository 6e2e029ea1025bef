import { Reader, ValueError, Writer, hex } from "./bytes.js";
import { ConnectionClosed, Ejected, Warning } from "./closed.js";
import { Connection } from "./connection.js";
import { DCFile, type Field } from "./dcfile.js";
import { Emitter, guard } from "./events.js";
import { Interest } from "./interest.js";
import { DistributedObject, type Location, type ObjectClass } from "./object.js";
import { Message } from "./protocol.js";
import { Refresh } from "./refresh.js";
import type { Schema } from "./schema.js";
import { dialWebSocket, type Dial } from "./transport.js";
import { Waiting } from "./waiting.js";

/** What a client needs to know. */
export interface ClientOptions {
  /**
   * Where the client agent listens: `wss://game.example.org:7196`. In Node also `tcp:` and `tls:`.
   * Of several, each is tried after the one before it.
   */
  url: string | readonly string[];
  /** What `astrond dc gen ts` wrote. */
  dc: Schema;
  /** What the client agent's `version` is. */
  version: string;
  /**
   * Classes of the game's objects. An object is of the class for its dclass, or else for the
   * nearest of its bases, or else a plain {@link DistributedObject}.
   */
  classes?: readonly ObjectClass[];
  /**
   * Milliseconds between heartbeats; 10,000 by default, 0 for none. If the client can come back,
   * each also asks the agent for an answer, so that a connection that is dead is noticed.
   */
  heartbeat?: number;
  /** Milliseconds until a server must have answered a new connection; 15,000 by default, 0 for any time. */
  timeout?: number;
  /** How to connect; by default by WebSocket. */
  dial?: Dial;
}

/** The events of a {@link Client}, and what listeners get. */
export interface ClientEvents {
  /** An object that the client did not know has entered: it sees it, or owns it. */
  enter: [object: DistributedObject];
  /** An object is gone for the client, also when the connection ends. */
  leave: [object: DistributedObject];
  /** The client owns an object from now on, or no more: see {@link DistributedObject.owned}. */
  owner: [object: DistributedObject];
  /** An object has moved. */
  move: [object: DistributedObject, from: Location];
  /** The server has opened, changed or closed an interest. */
  interest: [interest: Interest];
  /** The client could not use something that the server sent. Without a listener it goes to `console.warn`. */
  warning: [warning: Warning];
  /**
   * The connection is lost, and the client tries to come back: see {@link Client.keepSession}.
   * Its objects stay. `back` or `close` follows.
   */
  away: [why: ConnectionClosed];
  /**
   * The client goes on with another connection, also without `away` if the agent has asked it to.
   * Where the agent was killed, it may not have got the last `unsure` messages that the client sent.
   */
  back: [unsure: number];
  /** The connection has ended, or could not be made. Its objects have left before. */
  close: [why: ConnectionClosed];
}

/** The connection: none, being made, ready, or lost and being made again. */
export type ClientState = "closed" | "connecting" | "ready" | "away";

/** Interests of clients count from here, so that a server's, which count from 1, are others. */
const firstInterest = 0x8000;

/** The most bytes of a message: its length has two. */
const maxMessage = 0xffff;

/** The most objects, and interests, that one CLIENT_HAVE names. */
const haveAtOnce = 4000;

/** A client of one client agent after the other, and the objects that it knows. */
export class Client extends Emitter<ClientEvents> {
  /** The dclasses of the game. */
  readonly dc: DCFile;
  /** The objects that the client knows, by doId. */
  readonly objects: ReadonlyMap<number, DistributedObject>;
  /** The interests that are open, by number. */
  readonly interests: ReadonlyMap<number, Interest>;
  readonly #options: ClientOptions;
  readonly #classes = new Map<string, ObjectClass>();
  readonly #objects = new Map<number, DistributedObject>();
  readonly #references = new Map<number, DistributedObject>();
  readonly #interests = new Map<number, Interest>();
  /** What waits for CLIENT_DONE_INTEREST_RESP, by context and interest. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #refresh = new Refresh();
  #nextInterest = firstInterest;
  #context = 0;
  #state: ClientState = "closed";
  #connection: Connection | undefined;
  #greeted: Waiting | undefined;

  constructor(options: ClientOptions) {
    super();
    this.#options = options;
    this.dc = new DCFile(options.dc);
    this.objects = this.#objects;
    this.interests = this.#interests;
    for (const c of options.classes ?? []) {
      if (!this.dc.dclass(c.dclass)) throw new TypeError(`the DC file has no dclass ${c.dclass}`);
      this.#classes.set(c.dclass, c);
    }
  }

  /** The connection. */
  get state(): ClientState {
    return this.#state;
  }

  /** How many bytes wait to be sent: a game that sends without a limit looks here. */
  get waiting(): number {
    return this.#connection?.waiting ?? 0;
  }

  /**
   * Connects, and says hello. It is rejected with {@link Ejected} if the server refuses the version
   * or the DC file, and with {@link ConnectionClosed} if there is no server, or it does not answer.
   * After the connection has ended, it may be called again: as a new client, which logs in again.
   */
  connect(): Promise<void> {
    if (this.#state !== "closed") return Promise.reject(new TypeError("the client is connected already"));
    this.#state = "connecting";
    const { url, dial = this.dial, timeout = 15_000, heartbeat = 10_000, version } = this.#options;
    this.#greeted = new Waiting();
    const { promise } = this.#greeted;
    this.#connection = new Connection(
      { urls: typeof url === "string" ? [url] : url, dial: dial.bind(this), timeout, heartbeat, hash: this.dc.hash, version },
      {
        ready: () => {
          this.#state = "ready";
          this.#greeted?.done();
        },
        message: (message) => this.receive(message),
        away: (why) => {
          this.#state = "away";
          this.emit("away", why);
        },
        back: (unsure) => {
          this.#state = "ready";
          this.emit("back", unsure);
        },
        have: (again) => this.#have(again),
        closed: (why) => this.#closed(why),
      },
    );
    this.#connection.open();
    return promise;
  }

  /** How to connect if the options do not say. */
  protected dial: Dial = dialWebSocket;

  /**
   * Asks the agent to let the client come back when its connection is lost, and whether it does: ask
   * when the client has been let in. From then on a connection that is lost is made again, to the next
   * URL, as long as the session waits; no message of either side is lost, and the game is told what
   * has changed meanwhile as if it had been there. What it sends meanwhile is sent then.
   *
   * It is an extension of natstron. An Astron in C++ ejects a client that asks.
   */
  keepSession(): Promise<boolean> {
    if (this.#state !== "ready") return Promise.reject(new ConnectionClosed("the client is not connected"));
    return this.#connection!.keep();
  }

  /** Tells the server that the client leaves, and ends the connection. */
  close(): void {
    const bye = this.#state === "ready" ? this.#message(Message.Disconnect).take() : undefined;
    this.#connection?.close(new ConnectionClosed("the client has closed the connection"), bye);
  }

  /**
   * An object that the client may send to without seeing it: a UberDOG, or one that an AI has
   * declared to it. It is the same object as the one that enters, if it does.
   */
  refer<T extends DistributedObject>(type: ObjectClass<T>, doId: number): T {
    const known = this.#objects.get(doId) ?? this.#references.get(doId);
    if (known) {
      if (known instanceof type) return known;
      throw new TypeError(`object ${doId} is no ${type.dclass}, but ${known}`);
    }
    const dclass = this.dc.dclass(type.dclass);
    if (!dclass) throw new TypeError(`the DC file has no dclass ${type.dclass}`);
    const object = new type(this, doId, dclass);
    this.#references.set(doId, object);
    return object;
  }

  /** Asks to see zones of a parent. Await {@link Interest.ready} to know that what is there has entered. */
  addInterest(parent: number, zones: readonly number[] | number): Interest {
    while (this.#interests.has(this.#nextInterest)) this.#nextInterest++;
    if (this.#nextInterest > 0xffff) throw new RangeError("the client has opened too many interests");
    const list = typeof zones === "number" ? [zones] : [...zones];
    const interest = new Interest(this, this.#nextInterest++, parent, list, false);
    this.sendInterest(interest);
    this.#interests.set(interest.id, interest);
    return interest;
  }

  /** @internal */
  sendInterest(interest: Interest): Promise<void> {
    const { id, parent, zones } = interest;
    const context = ++this.#context;
    const one = zones.length === 1;
    const w = this.#message(one ? Message.AddInterest : Message.AddInterestMultiple).int(4, context).int(2, id).int(4, checked(parent));
    if (!one) w.int(2, zones.length);
    for (const z of zones) w.int(4, checked(z));
    this.#send(w);
    return (interest.ready = this.#wait(context, id));
  }

  /** @internal */
  closeInterest(interest: Interest): Promise<void> {
    if (!interest.open) return Promise.resolve();
    const context = ++this.#context;
    this.#send(this.#message(Message.RemoveInterest).int(4, context).int(2, interest.id));
    interest.open = false;
    this.#interests.delete(interest.id);
    this.#nextInterest = Math.min(this.#nextInterest, interest.id);
    return this.#wait(context, interest.id);
  }

  /** @internal */
  sendField(doId: number, field: Field, values: readonly unknown[]): void {
    const w = this.#message(Message.ObjectSetField).int(4, checked(doId)).int(2, field.id);
    field.write(w, values);
    this.#send(w);
  }

  /** @internal */
  sendLocation(object: DistributedObject, to: Location): void {
    this.#send(this.#message(Message.ObjectLocation).int(4, object.doId).int(4, checked(to.parent)).int(4, checked(to.zone)));
    this.#moved(object, to); // the server does not tell who moved it
  }

  #message(type: number): Writer {
    return new Writer().int(2, type);
  }

  #send(w: Writer): void {
    if (w.length > maxMessage) throw new ValueError("too large", `a message of ${w.length} bytes, of ${maxMessage} at most`);
    if (this.#state !== "ready" && this.#state !== "away") throw new ConnectionClosed("the client is not connected");
    this.#connection!.send(w.take());
  }

  #wait(context: number, interest: number): Promise<void> {
    const waiting = new Waiting();
    this.#waiting.set(`${context} ${interest}`, waiting);
    return waiting.promise;
  }

  /** What the client has, for an agent that brings it up to date. */
  #have(again: ReadonlySet<string>): Uint8Array<ArrayBuffer>[] {
    const seen = [...this.#objects.values()].filter((o) => o.visible).map((o) => o.doId);
    const owned = [...this.#objects.values()].filter((o) => o.owned).map((o) => o.doId);
    const waiting = [...this.#waiting.keys()].filter((key) => !again.has(key));
    for (const key of again) if (!this.#waiting.has(key)) this.#waiting.set(key, new Waiting()); // it is answered once more
    this.#refresh.clear();
    for (const doId of [...seen, ...owned]) this.#refresh.expect(doId);
    const messages: Uint8Array<ArrayBuffer>[] = [];
    do {
      const w = this.#message(Message.Have).int(1, Math.max(seen.length, owned.length, waiting.length) <= haveAtOnce ? 1 : 0);
      for (const list of [seen, owned]) {
        const some = list.splice(0, haveAtOnce);
        w.int(2, some.length);
        for (const doId of some) w.int(4, doId);
      }
      const some = waiting.splice(0, haveAtOnce);
      w.int(2, some.length);
      for (const key of some) {
        const [context, interest] = key.split(" ");
        w.int(4, Number(context)).int(2, Number(interest));
      }
      messages.push(w.take());
    } while (seen.length || owned.length || waiting.length);
    return messages;
  }

  #closed(why: ConnectionClosed): void {
    this.#state = "closed";
    this.#connection = undefined;
    this.#greeted?.fail(why);
    for (const waiting of this.#waiting.values()) waiting.fail(why);
    for (const interest of this.#interests.values()) interest.open = false;
    const objects = [...this.#objects.values()];
    this.#waiting.clear();
    this.#interests.clear();
    this.#objects.clear();
    this.#nextInterest = firstInterest;
    for (const object of objects) {
      const owned = object.owned;
      object.visible = object.owned = false;
      if (owned) this.#tellOwner(object);
      this.#tellLeft(object);
    }
    this.emit("close", why);
  }

  #warn(kind: Warning["kind"], detail: string, message: Uint8Array, cause?: unknown): void {
    const warning = new Warning(kind, detail, message.slice(), { cause });
    if (!this.emit("warning", warning)) console.warn(String(warning), hex(warning.data));
  }

  /**
   * Handles one message of the server. It throws nothing, whatever the bytes are.
   * @internal
   */
  receive(message: Uint8Array): void {
    const r = new Reader(message);
    try {
      this.#handle(r, message);
    } catch (e) {
      if (e instanceof ValueError) return this.#warn("malformed message", e.message, message, e);
      guard(() => {
        throw e; // of the constructor of a game's class
      });
    }
  }

  #handle(r: Reader, message: Uint8Array): void {
    const type = r.uint(2);
    if (type !== Message.ObjectSetField && type !== Message.ObjectLocation) this.#refresh.other();
    switch (type) {
      case Message.HelloResp:
        r.done();
        return this.#warn("unknown message", "a second answer to the hello", message);
      case Message.Eject: {
        const why = new Ejected(r.uint(2), r.text());
        r.done();
        return this.#connection?.close(why);
      }
      case Message.ResumeToken:
      case Message.Acknowledge:
      case Message.Reconnect:
        if (this.#connection?.told(type, r)) return;
        break;
      case Message.ObjectSetField:
      case Message.ObjectSetFields:
        return this.#update(r, type === Message.ObjectSetFields, message);
      case Message.EnterObjectRequired:
      case Message.EnterObjectRequiredOther:
        return this.#enter(r, false, type === Message.EnterObjectRequiredOther, message);
      case Message.EnterObjectRequiredOwner:
      case Message.EnterObjectRequiredOtherOwner:
        return this.#enter(r, true, type === Message.EnterObjectRequiredOtherOwner, message);
      case Message.ObjectLeaving:
      case Message.ObjectLeavingOwner:
        return this.#leave(r, type === Message.ObjectLeavingOwner, message);
      case Message.ObjectLocation: {
        const object = this.#known(r.uint(4), message);
        const to = { parent: r.uint(4), zone: r.uint(4) };
        r.done();
        if (!object) return;
        this.#refresh.located(object.doId);
        this.#moved(object, to);
        return;
      }
      case Message.AddInterest:
      case Message.AddInterestMultiple:
        return this.#interestAdded(r, type === Message.AddInterestMultiple);
      case Message.RemoveInterest:
      case Message.DoneInterestResp:
        return this.#interestDone(r, type === Message.RemoveInterest, message);
    }
    return this.#warn("unknown message", `a message of type ${type}`, message);
  }

  #known(doId: number, message: Uint8Array): DistributedObject | undefined {
    const object = this.#objects.get(doId) ?? this.#references.get(doId);
    if (!object) this.#warn("unknown object", `the client does not know object ${doId}`, message);
    return object;
  }

  /** Reads all values before anything is called with one of them. */
  #update(r: Reader, several: boolean, message: Uint8Array): void {
    const object = this.#known(r.uint(4), message);
    if (!object) return;
    const updates = this.#updates(r, object, several ? r.uint(2) : 1, message);
    if (!updates) return;
    r.done();
    const [field, values] = updates[0] ?? [];
    if (!several && field && this.#refresh.tells(object.doId, field.id) && object.has(field, values!)) return;
    this.#apply(object, updates);
  }

  #updates(r: Reader, object: DistributedObject, count: number, message: Uint8Array): Update[] | undefined {
    const updates: Update[] = [];
    while (count-- > 0) {
      const id = r.uint(2);
      const field = object.dclass.field(id);
      if (!field) {
        // Where its value ends, and so what follows, nobody can tell.
        this.#warn("unknown field", `${object} has no field ${id}`, message);
        return undefined;
      }
      updates.push([field, field.read(r)]);
    }
    return updates;
  }

  #apply(object: DistributedObject, updates: readonly Update[]): void {
    for (const [field, values] of updates) object.keep(field, values);
    for (const [field, values] of updates) object.deliver(field, values);
  }

  #enter(r: Reader, owner: boolean, other: boolean, message: Uint8Array): void {
    const doId = r.uint(4);
    const location = { parent: r.uint(4), zone: r.uint(4) };
    const id = r.uint(2);
    const dclass = this.dc.dclass(id);
    if (!dclass) return this.#warn("unknown class", `object ${doId} is of class ${id}, which the DC file does not have`, message);
    let object = this.#objects.get(doId) ?? this.#references.get(doId);
    if (object && object.dclass !== dclass) {
      return this.#warn("malformed message", `${object} enters as ${dclass.name}`, message);
    }
    object ??= new (this.#classFor(dclass))(this, doId, dclass);
    const updates: Update[] = dclass.required(owner).map((field) => [field, field.read(r)]);
    if (other) {
      const more = this.#updates(r, object, r.uint(2), message);
      if (!more) return;
      updates.push(...more);
    }
    r.done();
    const entered = !this.#objects.has(doId);
    const from = object.location;
    const owns = owner && !object.owned;
    this.#objects.set(doId, object);
    object.location = location;
    if (owner) object.owned = true;
    else object.visible = true;
    this.#apply(object, updates);
    if (entered) {
      guard(() => object.entered());
      this.emit("enter", object);
    } else if (from) {
      this.#tellMoved(object, from);
    }
    if (owns) this.#tellOwner(object);
  }

  #classFor(dclass: NonNullable<ReturnType<DCFile["dclass"]>>): ObjectClass {
    for (let level = [dclass]; level.length; level = level.flatMap((c) => c.bases)) {
      for (const c of level) {
        const found = this.#classes.get(c.name);
        if (found) return found;
      }
    }
    return DistributedObject as ObjectClass;
  }

  #leave(r: Reader, owner: boolean, message: Uint8Array): void {
    const doId = r.uint(4);
    r.done();
    const object = this.#objects.get(doId);
    if (!object) return this.#warn("unknown object", `object ${doId} leaves, which the client does not know`, message);
    const owned = object.owned;
    if (owner) object.owned = false;
    else object.visible = false;
    if (!object.owned && !object.visible) this.#objects.delete(doId);
    if (owned && !object.owned) this.#tellOwner(object);
    if (!this.#objects.has(doId)) this.#tellLeft(object);
  }

  #moved(object: DistributedObject, to: Location): void {
    const from = object.location;
    object.location = to;
    if (from) this.#tellMoved(object, from);
  }

  #tellMoved(object: DistributedObject, from: Location): void {
    if (from.parent === object.location!.parent && from.zone === object.location!.zone) return;
    guard(() => object.moved(from));
    this.emit("move", object, from);
  }

  #tellOwner(object: DistributedObject): void {
    guard(() => object.ownerChanged());
    this.emit("owner", object);
  }

  #tellLeft(object: DistributedObject): void {
    guard(() => object.left());
    this.emit("leave", object);
  }

  #interestAdded(r: Reader, several: boolean): void {
    const context = r.uint(4);
    const id = r.uint(2);
    const parent = r.uint(4);
    const zones: number[] = [];
    for (let n = several ? r.uint(2) : 1; n > 0; n--) zones.push(r.uint(4));
    r.done();
    const interest = this.#interests.get(id) ?? new Interest(this, id, parent, zones, true);
    interest.parent = parent;
    interest.zones = zones;
    interest.ready = this.#wait(context, id);
    this.#interests.set(id, interest);
    this.emit("interest", interest);
  }

  #interestDone(r: Reader, removed: boolean, message: Uint8Array): void {
    const context = r.uint(4);
    const id = r.uint(2);
    r.done();
    const key = `${context} ${id}`;
    if (removed) {
      const interest = this.#interests.get(id);
      if (!interest) return this.#warn("unknown interest", `the server closes interest ${id}, which is not open`, message);
      interest.open = false;
      this.#interests.delete(id);
      void this.#wait(context, id);
      this.emit("interest", interest);
      return;
    }
    const waiting = this.#waiting.get(key);
    if (!waiting) return this.#warn("unknown interest", `nothing waits for interest ${id} with context ${context}`, message);
    this.#waiting.delete(key);
    waiting.done();
  }
}

/** A doId or a zone, which a game may have got wrong. */
function checked(n: number): number {
  if (n >>> 0 !== n) throw new RangeError(`${n} is no doId or zone: these are whole numbers below 2^32`);
  return n;
}

/** A field and the values of an update. */
type Update = readonly [field: Field, values: unknown[]];
