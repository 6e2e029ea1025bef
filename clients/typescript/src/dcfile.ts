import { ValueError, Reader, Writer, under } from "./bytes.js";
import { membersOf, readMembers, record, sizeOf, type Codec, type Member, type Structs, type Value } from "./codec.js";
import type { ClassSchema, FieldSchema, Schema } from "./schema.js";

/** A field of a dclass. Its value is a list: a method's arguments, or the one value of a parameter. */
export class Field {
  /** As the DC file has them. */
  readonly keywords: ReadonlySet<string>;
  /** The methods that a molecular field stands for, or the field itself. */
  readonly parts: readonly Field[];
  /** Whether the field stands for others. */
  readonly molecular: boolean;
  private readonly members: readonly Member[];

  /** @internal */
  constructor(
    /** Its number in messages. */
    readonly id: number,
    /** Its name; `_` and its number, if it has none. */
    readonly name: string,
    schema: FieldSchema,
    structs: Structs,
    byID: (id: number) => Field,
  ) {
    this.keywords = new Set(schema.keywords);
    this.molecular = schema.atomics !== undefined;
    this.parts = schema.atomics?.map(byID) ?? [this];
    this.members = this.molecular
      ? this.parts.flatMap((f) => f.members)
      : membersOf(schema.args ?? [["value", schema.type!]], structs);
  }

  /** Whether the field has a keyword. */
  has(keyword: string): boolean {
    return this.keywords.has(keyword);
  }

  /** How many values an update has. */
  get arity(): number {
    return this.members.length;
  }

  /** Reads the value at a place of a message; if strict, checks ranges and counts, too. */
  read(r: Reader, strict = false): Value[] {
    return under(this.name, () => {
      const values: Value[] = [];
      readMembers(this.members, r, strict, (_, v) => values.push(v));
      return values;
    });
  }

  /** Reads bytes that are exactly one value; if strict, checks ranges and counts, too. */
  unpack(b: Uint8Array, strict = false): Value[] {
    const r = new Reader(b);
    const values = this.read(r, strict);
    under(this.name, () => r.done());
    return values;
  }

  /** Packs a value, and checks it. */
  write(w: Writer, values: readonly unknown[]): void {
    under(this.name, () => {
      if (values.length !== this.members.length) {
        throw new ValueError("wrong type", `expected ${this.members.length} values, got ${values.length}`);
      }
      this.members.forEach(([name, codec], i) => under(name, () => codec.write(w, values[i])));
    });
  }

  /** Packs a value, and checks it. It throws a {@link ValueError}. */
  pack(values: readonly unknown[]): Uint8Array<ArrayBuffer> {
    const w = new Writer();
    this.write(w, values);
    return w.take();
  }

  /** The number of bytes of every value, or -1 if it varies. */
  get size(): number {
    return sizeOf(this.members);
  }
}

/** A dclass. */
export class DClass {
  readonly name: string;
  /** Its number in messages. */
  readonly id: number;
  /** The classes that it inherits from directly. */
  readonly bases: readonly DClass[];
  /** All fields, inherited ones too, in ascending order of id. */
  readonly fields: readonly Field[];
  private readonly byID: ReadonlyMap<number, Field>;
  private readonly byName = new Map<string, Field>();

  /** @internal */
  constructor(schema: ClassSchema, own: readonly Field[], classes: ReadonlyMap<string, DClass>) {
    this.name = schema.name;
    this.id = schema.id;
    this.bases = (schema.bases ?? []).flatMap((name) => classes.get(name) ?? []);
    const all = [...own];
    for (const f of own) this.byName.set(f.name, f);
    for (const f of this.bases.flatMap((b) => b.fields)) {
      // A field hides inherited ones of the same name; of several bases the first counts.
      if (this.byName.has(f.name) || f.name === `_${f.id}`) continue;
      this.byName.set(f.name, f);
      all.push(f);
    }
    this.fields = all.sort((a, b) => a.id - b.id);
    this.byID = new Map(this.fields.map((f) => [f.id, f]));
  }

  /** The field of a number or a name, its own or inherited. */
  field(which: number | string): Field | undefined {
    return typeof which === "number" ? this.byID.get(which) : this.byName.get(which);
  }

  /** Whether the class is the one of that name, or inherits from it. */
  isA(name: string): boolean {
    return this.name === name || this.bases.some((b) => b.isA(name));
  }

  /** The fields whose values come with an object that enters, in their order: as a client sees it, or its owner. */
  required(owner: boolean): Field[] {
    return this.fields.filter(
      (f) =>
        f.has("required") && !f.molecular && (f.has("broadcast") || f.has("clrecv") || (owner && f.has("ownrecv"))),
    );
  }
}

/** The dclasses of a list of DC files. */
export class DCFile {
  /** What the client agent wants in CLIENT_HELLO. */
  readonly hash: number;
  private readonly byID = new Map<number, DClass>();
  private readonly byName = new Map<string, DClass>();

  constructor(schema: Schema) {
    this.hash = schema.hash;
    const structs = new Map<string, Codec>();
    for (const s of schema.structs) structs.set(s.name, record(membersOf(s.members, structs)));
    const fields = new Map<number, Field>();
    for (const c of schema.classes) {
      const own = c.fields.map((f) => {
        const field = new Field(f.id, f.name || `_${f.id}`, f, structs, (id) => fields.get(id)!);
        fields.set(f.id, field);
        return field;
      });
      const dclass = new DClass(c, own, this.byName);
      this.byID.set(c.id, dclass);
      this.byName.set(c.name, dclass);
    }
  }

  /** The dclass of a number or a name. */
  dclass(which: number | string): DClass | undefined {
    return typeof which === "number" ? this.byID.get(which) : this.byName.get(which);
  }

  /** All dclasses. */
  get classes(): DClass[] {
    return [...this.byID.values()];
  }
}
