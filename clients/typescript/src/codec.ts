import { ValueError, Reader, Writer, decodeText, encodeText, hex, under } from "./bytes.js";
import type { ParamSchema, SpanSchema, TypeSchema } from "./schema.js";

/**
 * A value of a field, as JavaScript has it:
 *
 * | in a DC file | here |
 * | --- | --- |
 * | int8 … int32, uint8 … uint32, float32, float64 | number, divided by the type's divisor |
 * | int64, uint64 | bigint, as packed: not divided, since a bigint has no fraction |
 * | char | string of one character, U+0000 … U+00FF |
 * | string | string |
 * | blob, blob32 | Uint8Array |
 * | arrays, old ones too | array |
 * | struct, switch | object; members without a name are called `_` and their index |
 */
export type Value = number | bigint | string | Uint8Array | readonly Value[] | { readonly [name: string]: Value };

/** Packs and reads values of one type. */
export interface Codec {
  /** The number of bytes of every value, or -1 if it varies. */
  readonly size: number;
  /** Reads a value; if strict, checks ranges and counts, too. */
  read(r: Reader, strict: boolean): Value;
  /** Packs a value, and checks it. */
  write(w: Writer, v: unknown): void;
}

/** The codecs of the structs that were seen so far. */
export type Structs = Map<string, Codec>;

/** Makes the codec of a type. */
export function codecOf(schema: TypeSchema, structs: Structs): Codec {
  const t = typeof schema === "string" ? { kind: schema } : schema;
  switch (t.kind) {
    case "char":
      return char(limits(t.range, Number));
    case "string":
    case "blob":
    case "blob32":
      return text(t.kind === "string", t.kind === "blob32" ? 4 : 2, t.size, limits(t.range, Number));
    case "array":
      return array(codecOf(t.of!, structs), t.size, limits(t.count, Number));
    case "struct":
      return t.members ? record(membersOf(t.members, structs)) : structs.get(t.name!)!;
    case "switch":
      return choice(t, structs);
    case "undeclared":
      return undeclared(t.name!);
    case "float32":
    case "float64":
      return real(t.kind === "float32" ? 4 : 8, t.divisor ?? 1, Number(t.modulus ?? 0), limits(t.range, Number));
  }
  const [, unsigned, bits] = /^(u?)int(8|16|32|64)$/.exec(t.kind)!;
  return bits === "64"
    ? big(!unsigned, BigInt(t.modulus ?? 0), limits(t.range, BigInt))
    : whole(Number(bits) / 8, !unsigned, t.divisor ?? 1, t.modulus, limits(t.range, Number));
}

/** Says whether a range allows a number. */
type Limits<N> = (n: N, what?: string) => void;

function limits<N extends number | bigint>(spans: readonly SpanSchema[] | undefined, of: (n: number | string) => N): Limits<N> {
  const list = spans?.map(([low, high]) => [of(low), of(high)] as const);
  return (n, what = "") => {
    if (list && !list.some(([low, high]) => n >= low && n <= high)) {
      const range = list.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`)).join(", ");
      throw new ValueError("outside its range", `${what}${n} is outside ${range}`);
    }
  };
}

function wrongType(wanted: string, v: unknown): ValueError {
  const got = v === null ? "null" : Array.isArray(v) ? "an array" : typeof v;
  return new ValueError("wrong type", `expected ${wanted}, got ${got}`);
}

function tooBig(v: number | bigint): ValueError {
  return new ValueError("outside its range", `${v} does not fit`);
}

function whole(size: number, signed: boolean, divisor: number, modulus: string | undefined, allow: Limits<number>): Codec {
  const least = signed ? -(2 ** (8 * size - 1)) : 0;
  const most = least + 2 ** (8 * size) - 1;
  return {
    size,
    read(r, strict) {
      const n = signed ? r.int(size) : r.uint(size);
      if (strict) allow(n);
      return n / divisor;
    },
    write(w, v) {
      const given = typeof v === "bigint" ? Number(v) : v;
      if (typeof given !== "number" || !Number.isFinite(given)) throw wrongType("a number", v);
      if (divisor === 1 && !Number.isInteger(given)) {
        throw new ValueError("outside its range", `${given} is not a whole number`);
      }
      let n = divisor === 1 ? given : scaled(given, divisor);
      if (modulus && Number(modulus)) n -= Math.floor(n / Number(modulus)) * Number(modulus);
      if (n < least || n > most) throw tooBig(given);
      allow(n);
      w.int(size, n);
    },
  };
}

/**
 * The nearest whole number of n times divisor, halves up, as Go's package dc computes it:
 * 1.005 * 100 is 100.5, although 1.005 is a little less as a double.
 */
function scaled(n: number, divisor: number): number {
  const x = n * divisor + 0.5;
  if (Math.abs(x) > 2 ** 40 || Math.abs(x - Math.round(x)) > 1e-3) return Math.floor(x);
  const [digits, exponent] = decimal(n);
  const twice = 2n * digits * BigInt(divisor);
  if (exponent >= 0) return Number((twice * 10n ** BigInt(exponent)) / 2n);
  const unit = 10n ** BigInt(-exponent);
  const sum = twice + unit;
  const quotient = sum / (2n * unit);
  return Number(sum < 0n && quotient * 2n * unit !== sum ? quotient - 1n : quotient);
}

/** A number as its decimal digits and the power of ten behind them. */
function decimal(n: number): [digits: bigint, exponent: number] {
  const [mantissa, exponent] = String(n).split("e");
  const [whole, fraction = ""] = mantissa!.split(".");
  return [BigInt(whole! + fraction), Number(exponent ?? 0) - fraction.length];
}

function big(signed: boolean, modulus: bigint, allow: Limits<bigint>): Codec {
  return {
    size: 8,
    read(r, strict) {
      const n = r.big(signed);
      if (strict) allow(n);
      return n;
    },
    write(w, v) {
      if (typeof v === "number" && Number.isSafeInteger(v)) v = BigInt(v);
      if (typeof v !== "bigint") throw wrongType("a bigint", v);
      let n = v;
      if (modulus) n = ((n % modulus) + modulus) % modulus;
      if (n !== (signed ? BigInt.asIntN(64, n) : BigInt.asUintN(64, n))) throw tooBig(v);
      allow(n);
      w.big(n);
    },
  };
}

function real(size: number, divisor: number, modulus: number, allow: Limits<number>): Codec {
  return {
    size,
    read(r, strict) {
      const n = r.float(size);
      if (strict) allow(n);
      return n / divisor;
    },
    write(w, v) {
      if (typeof v !== "number") throw wrongType("a number", v);
      let n = v;
      if (Number.isFinite(v)) {
        if (divisor !== 1 && v !== 0) {
          const [digits, exponent] = decimal(v);
          n = Number(`${digits * BigInt(divisor)}e${exponent}`); // rounded once
        }
        if (modulus) n = n >= 0 ? n % modulus : (modulus - (-n % modulus)) % modulus;
        if (!Number.isFinite(size === 4 ? Math.fround(n) : n)) throw tooBig(v);
      }
      allow(n);
      w.float(size, n);
    },
  };
}

function char(allow: Limits<number>): Codec {
  return {
    size: 1,
    read(r, strict) {
      const n = r.uint(1);
      if (strict) allow(n);
      return String.fromCharCode(n);
    },
    write(w, v) {
      if (typeof v !== "string") throw wrongType("a character", v);
      const n = v.charCodeAt(0);
      if (v.length !== 1 || n > 0xff) throw new ValueError("outside its range", "a char is one byte");
      allow(n);
      w.int(1, n);
    },
  };
}

function text(isText: boolean, lengthSize: number, size: number | undefined, allow: Limits<number>): Codec {
  return {
    size: size ?? -1,
    read(r, strict) {
      const n = size ?? r.uint(lengthSize);
      const b = r.raw(n);
      if (strict) allow(n, "a length of ");
      return isText ? decodeText(b) : b.slice();
    },
    write(w, v) {
      const b = isText && typeof v === "string" ? encodeText(v) : v;
      if (!(b instanceof Uint8Array)) throw wrongType(isText ? "a string" : "a Uint8Array", v);
      if (b.length !== (size ?? b.length) || b.length >= 2 ** (8 * lengthSize)) {
        throw new ValueError("outside its range", `a length of ${b.length} bytes${size === undefined ? "" : `, not ${size}`}`);
      }
      allow(b.length, "a length of ");
      if (size === undefined) w.int(lengthSize, b.length);
      w.raw(b);
    },
  };
}

/** Counts a part that may have no bytes. */
function charge(r: Reader, c: Codec): void {
  if (c.size === 0 && --r.parts < 0) throw new ValueError("too large", "too many parts without a byte");
}

function array(of: Codec, size: number | undefined, allow: Limits<number>): Codec {
  const read = (r: Reader, strict: boolean, list: Value[]): void => {
    charge(r, of);
    try {
      list.push(of.read(r, strict));
    } catch (e) {
      throw e instanceof ValueError ? e.under(`[${list.length}]`) : e;
    }
  };
  return {
    size: size === undefined || of.size < 0 ? -1 : size * of.size,
    read(r, strict) {
      const list: Value[] = [];
      if (size !== undefined) {
        while (list.length < size) read(r, strict, list);
        return list;
      }
      const bytes = r.uint(2);
      const end = r.at + bytes;
      r.skip(bytes);
      r.at = end - bytes;
      if (strict && of.size > 0 && bytes % of.size) {
        throw new ValueError("excess data", `a length of ${bytes} is not a multiple of ${of.size} bytes`);
      }
      const outer = r.end;
      r.end = end;
      while (r.left) {
        const before = r.at;
        read(r, strict, list);
        if (r.at === before) throw new ValueError("excess data", `${r.left} bytes left for elements that have none`);
      }
      r.end = outer;
      if (strict) allow(list.length, "a count of ");
      return list;
    },
    write(w, v) {
      if (!Array.isArray(v) && !ArrayBuffer.isView(v)) throw wrongType("an array", v);
      const list = v as ArrayLike<unknown>;
      if (list.length !== (size ?? list.length)) {
        throw new ValueError("outside its range", `a count of ${list.length}, not ${size}`);
      }
      allow(list.length, "a count of ");
      const at = w.length;
      if (size === undefined) w.int(2, 0);
      for (let i = 0; i < list.length; i++) under(`[${i}]`, () => of.write(w, list[i]));
      if (size !== undefined) return;
      const bytes = w.length - at - 2;
      if (bytes > 0xffff) throw new ValueError("outside its range", `${bytes} bytes are too many for a length of 2 bytes`);
      if (list.length && !bytes) throw new ValueError("too large", "elements of an array with a length need at least one byte");
      w.setInt(at, 2, bytes);
    },
  };
}

/** A name and how its value is packed. */
export type Member = readonly [name: string, codec: Codec];

export function membersOf(params: readonly ParamSchema[], structs: Structs): Member[] {
  return params.map(([name, type]) => [name, codecOf(type, structs)] as const);
}

/** The size of parts one after the other. */
export function sizeOf(members: readonly Member[]): number {
  return members.reduce((sum, [, c]) => (sum < 0 || c.size < 0 ? -1 : sum + c.size), 0);
}

/** Reads parts one after the other. */
export function readMembers(members: readonly Member[], r: Reader, strict: boolean, each: (name: string, v: Value) => void): void {
  for (const [name, codec] of members) {
    charge(r, codec);
    try {
      each(name, codec.read(r, strict));
    } catch (e) {
      throw e instanceof ValueError ? e.under(name) : e;
    }
  }
}

function asRecord(v: unknown): Record<string, unknown> {
  if (typeof v !== "object" || v === null || Array.isArray(v)) throw wrongType("an object", v);
  return v as Record<string, unknown>;
}

function writeRecord(members: readonly Member[], w: Writer, v: Record<string, unknown>): void {
  for (const [name, codec] of members) {
    under(name, () => {
      if (!Object.hasOwn(v, name)) throw new ValueError("wrong type", "missing");
      codec.write(w, v[name]);
    });
  }
  if (Object.keys(v).length > members.length) {
    const more = Object.keys(v).find((key) => !members.some(([name]) => name === key));
    throw new ValueError("wrong type", `there is no member ${more}`);
  }
}

export function record(members: readonly Member[]): Codec {
  return {
    size: sizeOf(members),
    read(r, strict) {
      const v: Record<string, Value> = {};
      readMembers(members, r, strict, (name, one) => (v[name] = one));
      return v;
    },
    write: (w, v) => writeRecord(members, w, asRecord(v)),
  };
}

function choice(t: Exclude<TypeSchema, string>, structs: Structs): Codec {
  const [name, codec] = membersOf([t.key!], structs)[0]!;
  const withKey = (params: readonly ParamSchema[]): Member[] => [[name, codec], ...membersOf(params, structs)];
  const cases = new Map(t.cases?.map(([value, params]) => [value, withKey(params)]));
  const other = t.default && withKey(t.default);
  const choose = (packed: Uint8Array): Member[] => {
    const members = cases.get(hex(packed)) ?? other;
    if (!members) throw new ValueError("no such case", `no case for the key ${hex(packed)}`).under(name);
    return members;
  };
  const sizes = new Set([...cases.values(), ...(other ? [other] : [])].map(sizeOf));
  return {
    size: sizes.size === 1 ? [...sizes][0]! : -1,
    read(r, strict) {
      const at = r.at;
      const v: Record<string, Value> = {};
      v[name] = under(name, () => codec.read(r, strict));
      readMembers(choose(r.bytes.subarray(at, r.at)).slice(1), r, strict, (name, one) => (v[name] = one));
      return v;
    },
    write(w, v) {
      const given = asRecord(v);
      const at = w.length;
      under(name, () => codec.write(w, given[name]));
      const members = choose(w.since(at));
      w.cut(at);
      writeRecord(members, w, given);
    },
  };
}

function undeclared(name: string): Codec {
  const fail = (): never => {
    throw new ValueError("type not declared", `no DC file declares the type ${name}`);
  };
  return { size: -1, read: fail, write: fail };
}
