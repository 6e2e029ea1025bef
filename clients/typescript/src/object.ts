import type { Client } from "./client.js";
import type { DClass, Field } from "./dcfile.js";
import { Emitter, guard } from "./events.js";

/** A place in the world: a zone of a parent object. */
export interface Location {
  readonly parent: number;
  readonly zone: number;
}

/** What the fields of a class carry: a list of values by the name of each field. `astrond dc gen ts` writes it. */
export type FieldMap<F> = { [K in keyof F]: unknown[] };

/**
 * Methods that are called with the values of fields: a class that `implements Handlers<AvatarFields>`
 * has those that it has in common with `AvatarFields` checked. A field with the name of something that
 * every object has, such as `send`, has no method: see {@link DistributedObject.on}.
 */
export type Handlers<F extends FieldMap<F>> = {
  [K in Exclude<keyof F, keyof DistributedObject>]?: (...args: F[K]) => void;
};

/** A class of objects: what `astrond dc gen ts` writes for a dclass, or what a game derives from it. */
export interface ObjectClass<T extends DistributedObject = DistributedObject> {
  new (client: Client, doId: number, dclass: DClass): T;
  /** The name of the dclass. */
  readonly dclass: string;
}

/**
 * A distributed object that the client sees, owns, or refers to. A game derives classes from it:
 * a method with the name of a field is called with the values of each update.
 *
 * An object that enters gets the values of its required fields first, each through its method
 * and listeners; then come {@link entered} and the client's `enter`.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export class DistributedObject<F extends FieldMap<F> = any> {
  /** Where the object is. Undefined for one that the client only refers to. */
  location: Location | undefined;
  /** Whether the client sees the object, because of an interest. Owned session objects enter for their owner only. */
  visible = false;
  /** Whether the client owns the object: it gets what is for owners, and may send fields that are ownsend. */
  owned = false;
  readonly #values = new Map<string, unknown[]>();
  readonly #emitter = new Emitter<Record<string, unknown[]>>();

  /** Made by the client only. */
  constructor(
    readonly client: Client,
    readonly doId: number,
    readonly dclass: DClass,
  ) {}

  /** The object has entered: its required fields have their values. */
  entered(): void {}
  /** The object is gone, or the client has no more reason to know it. */
  left(): void {}
  /** The client owns the object from now on, or no more: see {@link owned}. */
  ownerChanged(): void {}
  /** The object has moved to {@link location}. */
  moved(_from: Location): void {}

  /**
   * Sends an update of a field. It throws a {@link ValueError} if the DC file does not allow the
   * values. The client hears no echo of it: what {@link get} returns does not change.
   */
  send<K extends keyof F & string>(field: K, ...values: F[K]): void {
    const f = this.dclass.field(field);
    if (!f) throw new TypeError(`${this.dclass.name} has no field ${field}`);
    this.client.sendField(this.doId, f, values);
  }

  /** Calls `listener` with the values of each update of a field, until the function that is returned is called. */
  on<K extends keyof F & string>(field: K, listener: (...values: F[K]) => void): () => void {
    if (!this.dclass.field(field)) throw new TypeError(`${this.dclass.name} has no field ${field}`);
    return this.#emitter.on(field, listener as (...args: unknown[]) => void);
  }

  /** The last values of a field that is `ram` or `required`; undefined if none have come. */
  get<K extends keyof F & string>(field: K): Readonly<F[K]> | undefined {
    return this.#values.get(field) as F[K] | undefined;
  }

  /** Moves an object that the client owns, if the client agent allows it. */
  move(parent: number, zone: number): void {
    this.client.sendLocation(this, { parent, zone });
  }

  /** Whether the object's class is the dclass of that name, or inherits from it. */
  isA(dclass: string): boolean {
    return this.dclass.isA(dclass);
  }

  /** `Avatar 100000042`. */
  toString(): string {
    return `${this.dclass.name} ${this.doId}`;
  }

  /**
   * Keeps the values of an update. Those of a molecular field are its methods'.
   * @internal
   */
  keep(field: Field, values: unknown[]): void {
    let at = 0;
    for (const part of field.parts) {
      if (part.has("ram") || part.has("required")) this.#values.set(part.name, values.slice(at, at + part.arity));
      at += part.arity;
    }
  }

  /**
   * Whether these are the values of a field already.
   * @internal
   */
  has(field: Field, values: unknown[]): boolean {
    return text(this.#values.get(field.name)) === text(values);
  }

  /**
   * Calls what is to be called with the values of an update: for a molecular field its methods',
   * and then its own.
   * @internal
   */
  deliver(field: Field, values: unknown[]): void {
    if (field.molecular) {
      let at = 0;
      for (const part of field.parts) {
        this.deliver(part, values.slice(at, at + part.arity));
        at += part.arity;
      }
    }
    const name = field.name;
    const method = (this as unknown as Record<string, unknown>)[name];
    if (typeof method === "function" && !(name in DistributedObject.prototype)) {
      guard(() => void method.apply(this, values));
    }
    this.#emitter.emit(name, ...values);
  }
}

/** A text that differs if values do. */
function text(values: unknown): string | undefined {
  return JSON.stringify(values, (_, v: unknown) => (typeof v === "object" ? v : String(v)));
}
