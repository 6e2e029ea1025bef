import { readFileSync } from "node:fs";
import { inspect, isDeepStrictEqual } from "node:util";
import { expect, inject, test } from "vitest";
import { DCFile, ValueError, type Field, type Value } from "../src/index.js";
import { encodeText } from "../src/bytes.js";
import type { ParamSchema, Schema, TypeSchema } from "../src/schema.js";

// What Go's package dc makes of 10,000 values and as many broken ones: of files that have
// one of everything, of files drawn at random, and of the corpus where there is one.

interface Vector {
  class: string;
  id: number;
  hex: string;
  json?: unknown;
  pack?: string;
  check?: string;
  unpack?: string;
  given?: number;
}

type JSONValue = string | JSONValue[] | { [name: string]: JSONValue };

/** Turns Go's JSON, with numbers as "#1.5", into our values. */
class FromJSON {
  readonly structs: Map<string, readonly ParamSchema[]>;
  constructor(schema: Schema) {
    this.structs = new Map(schema.structs.map((s) => [s.name, s.members]));
  }

  value(type: TypeSchema, v: JSONValue): Value {
    const t = typeof type === "string" ? { kind: type } : type;
    switch (t.kind) {
      case "char":
      case "string":
        return typeof v === "string" ? v : text(bytes((v as { hex: string }).hex), t.kind);
      case "blob":
      case "blob32":
        return bytes(v as string);
      case "array":
        return (v as JSONValue[]).map((one) => this.value(t.of!, one));
      case "struct":
        return this.members(t.members ?? this.structs.get(t.name!)!, v as { [name: string]: JSONValue });
      case "switch": {
        const given = v as { [name: string]: JSONValue };
        const names = Object.keys(given).sort().join();
        const [key] = t.key!;
        // The case is the one that has the members that are there.
        const lists = [...(t.cases ?? []).map(([, members]) => members), ...(t.default ? [t.default] : [])];
        const members = lists.find((l) => [key, ...l.map(([name]) => name)].sort().join() === names)!;
        return this.members([t.key!, ...members], given);
      }
      case "int64":
      case "uint64":
        return bigOf(v as string, t.divisor ?? 1);
    }
    const n = (v as string).replace("#", "");
    if (t.kind.includes("int") && t.divisor) {
      return Math.round(Number(n) * t.divisor) / t.divisor; // Go writes as many digits of a third as it needs
    }
    return t.kind === "float32" && !t.divisor ? Math.fround(Number(n)) : Number(n);
  }

  members(list: readonly ParamSchema[], v: { [name: string]: JSONValue }): { [name: string]: Value } {
    return Object.fromEntries(list.map(([name, type]) => [name, this.value(type, v[name]!)]));
  }

  args(schema: Schema, id: number, v: JSONValue): Value[] {
    const field = schema.classes.flatMap((c) => c.fields).find((f) => f.id === id)!;
    if (field.type) return [this.value(field.type, v)];
    const record = v as { [name: string]: JSONValue };
    if (field.atomics) {
      // Go names the methods; one that is there twice has a name of its own.
      const names = field.atomics.map((id) => schema.classes.flatMap((c) => c.fields).find((f) => f.id === id)!.name);
      const keys = names.map((name, i) => (names.indexOf(name) === i ? name : `_${i}`));
      return field.atomics.flatMap((id, i) => this.args(schema, id, record[keys[i]!]!));
    }
    return Object.values(this.members(field.args!, record));
  }
}

/** An exact number of units: "#1.5" of tenths is 15n. */
function bigOf(s: string, divisor: number): bigint {
  const [, sign, whole, fraction = ""] = /^#(-?)(\d+)(?:\.(\d+))?$/.exec(s)!;
  const unit = 10n ** BigInt(fraction.length);
  const twice = 2n * BigInt(whole! + fraction) * BigInt(divisor);
  const n = (twice + unit) / (2n * unit);
  return sign ? -n : n;
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));
}

function text(b: Uint8Array, kind: string): string {
  return String.fromCharCode(...Array.from(b, (c) => (kind === "char" || c < 0x80 ? c : 0xdc00 + c)));
}

function hexOf(b: Uint8Array): string {
  return Buffer.from(b).toString("hex");
}

function fault(f: () => unknown): string | undefined {
  try {
    f();
  } catch (e) {
    if (e instanceof ValueError) return e.fault;
    throw e;
  }
  return undefined;
}

/** Values with text as its bytes. */
function comparable(v: Value): unknown {
  if (typeof v === "string") return hexOf(encodeText(v));
  if (v instanceof Uint8Array) return hexOf(v);
  if (Array.isArray(v)) return v.map(comparable);
  if (typeof v === "object") return Object.fromEntries(Object.entries(v).map(([k, one]) => [k, comparable(one as Value)]));
  return v;
}

/** Whether a float64 with a divisor is among the types: its quotient may differ in the last bit. */
function rounds(schema: Schema, field: Field): boolean {
  const f = JSON.stringify(schema.classes.flatMap((c) => c.fields).filter((one) => field.parts.some((p) => p.id === one.id)));
  return /"kind":"float\d\d"[^}]*"divisor"/.test(f) || schema.structs.some((s) => /"kind":"float\d\d"[^}]*"divisor"/.test(JSON.stringify(s)));
}

test("values are packed, read and refused as by Go's package dc", () => {
  let schema: Schema = { hash: 0, structs: [], classes: [] };
  let file = new DCFile(schema);
  let count = 0;
  let refused = 0;
  let given = 0;
  const problems: string[] = [];
  for (const line of readFileSync(inject("vectors"), "utf8").trimEnd().split("\n")) {
    const row = JSON.parse(line) as Vector & { schema?: Schema; fields?: Record<string, number[]> };
    if (row.schema) {
      schema = row.schema;
      file = new DCFile(schema);
      expect(file.hash).toBe(schema.hash);
      expect(Object.fromEntries(file.classes.map((c) => [c.name, c.fields.map((f) => f.id)]))).toEqual(row.fields);
      continue;
    }
    if (row.given !== undefined) {
      const field = file.dclass(row.class)!.field(row.id)!;
      let packed: string | undefined;
      packed = fault(() => (packed = hexOf(field.pack([row.given])))) ?? packed;
      if (packed !== row.pack) problems.push(`${field.name} ${row.given}: packs ${packed}, want ${row.pack}`);
      given++;
      continue;
    }
    const field = file.dclass(row.class)!.field(row.id)!;
    const packed = bytes(row.hex);
    const problem = (what: string, got: unknown, want: unknown) =>
      problems.push(`${row.class}.${field.name} ${row.hex}: ${what} ${String(got)}, want ${String(want)}; ${line}`);

    const checked = fault(() => field.unpack(packed, true));
    if (checked !== row.check) problem("checks", checked, row.check);
    const unpacked = fault(() => field.unpack(packed));
    if (unpacked !== row.unpack) problem("unpacks", unpacked, row.unpack);
    if (row.unpack) {
      refused++;
      continue;
    }
    count++;
    const values = field.unpack(packed);
    if (row.json !== undefined) {
      const want = new FromJSON(schema).args(schema, row.id, row.json as JSONValue);
      if (!isDeepStrictEqual(values.map(comparable), want.map(comparable))) problem("unpacks", inspect(values), inspect(want));
    }
    if (rounds(schema, field) || line.includes('"NaN"')) continue; // a NaN may have other bits
    let again: string | undefined;
    again = fault(() => (again = hexOf(field.pack(values)))) ?? again;
    const want = row.pack ?? row.hex;
    if (again !== want) problem("packs", again, want);
  }
  expect(problems.slice(0, 5)).toEqual([]);
  expect(problems.length).toBe(0);
  expect(count).toBeGreaterThan(10_000);
  expect(refused).toBeGreaterThan(1_000);
  expect(given).toBeGreaterThan(1_000);
  console.log(`${count} values agree with Go, ${refused} are refused by both; ${given} numbers as people write them`);
});
