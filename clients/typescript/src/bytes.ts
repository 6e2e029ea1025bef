/** Why bytes are no value, or a value cannot be packed. The same words as in Go's package dc. */
export type Fault =
  | "truncated"
  | "excess data"
  | "outside its range"
  | "no such case"
  | "type not declared"
  | "wrong type"
  | "too large";

/** An error in a value: `setColor.r: 130 is outside 0-100`. */
export class ValueError extends Error {
  override readonly name = "ValueError";
  /** Of fields, members and indexes. */
  path = "";

  constructor(
    readonly fault: Fault,
    readonly detail: string,
  ) {
    super(detail);
  }

  /** Puts a name in front of the path, on the way out. */
  under(name: string): this {
    this.path = this.path && !this.path.startsWith("[") ? `${name}.${this.path}` : name + this.path;
    this.message = `${this.path}: ${this.detail}`;
    return this;
  }
}

/** Runs `f`, and puts `name` into the path of what it throws. */
export function under<T>(name: string, f: () => T): T {
  try {
    return f();
  } catch (e) {
    throw e instanceof ValueError ? e.under(name) : e;
  }
}

/** Reads little-endian numbers and text. It throws a {@link ValueError} where the bytes end too early. */
export class Reader {
  at = 0;
  end: number;
  /** How many parts without a byte are still allowed, so that few bytes never become much memory. */
  parts = 65536;
  private readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.end = bytes.length;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.end - this.at;
  }

  /** Moves behind `n` bytes, and returns where they begin. */
  skip(n: number): number {
    if (n > this.left) throw new ValueError("truncated", `truncated: ${n} bytes wanted, ${this.left} left`);
    this.at += n;
    return this.at - n;
  }

  uint(size: number): number {
    const at = this.skip(size);
    return size === 1 ? this.view.getUint8(at) : size === 2 ? this.view.getUint16(at, true) : this.view.getUint32(at, true);
  }

  int(size: number): number {
    const at = this.skip(size);
    return size === 1 ? this.view.getInt8(at) : size === 2 ? this.view.getInt16(at, true) : this.view.getInt32(at, true);
  }

  big(signed: boolean): bigint {
    const at = this.skip(8);
    return signed ? this.view.getBigInt64(at, true) : this.view.getBigUint64(at, true);
  }

  float(size: number): number {
    const at = this.skip(size);
    return size === 4 ? this.view.getFloat32(at, true) : this.view.getFloat64(at, true);
  }

  /** The next `n` bytes, which are those of the reader. */
  raw(n: number): Uint8Array {
    const at = this.skip(n);
    return this.bytes.subarray(at, at + n);
  }

  /** A length of two bytes, and text. */
  text(): string {
    return decodeText(this.raw(this.uint(2)));
  }

  /** Refuses bytes that are left. */
  done(): void {
    if (this.left > 0) throw new ValueError("excess data", `${this.left} bytes too many`);
  }
}

/** Appends little-endian numbers and text. */
export class Writer {
  private bytes = new Uint8Array(64);
  private view = new DataView(this.bytes.buffer);
  /** How many bytes there are. */
  length = 0;

  /** Makes room for `n` bytes, and returns where they begin. */
  private grow(n: number): number {
    const at = this.length;
    this.length += n;
    if (this.length > this.bytes.length) {
      const more = new Uint8Array(Math.max(2 * this.bytes.length, this.length));
      more.set(this.bytes);
      this.bytes = more;
      this.view = new DataView(more.buffer);
    }
    return at;
  }

  /** A number of 1, 2 or 4 bytes, signed or not. */
  int(size: number, n: number): this {
    this.setInt(this.grow(size), size, n);
    return this;
  }

  /** Overwrites a number. */
  setInt(at: number, size: number, n: number): void {
    if (size === 1) this.view.setUint8(at, n);
    else if (size === 2) this.view.setUint16(at, n, true);
    else if (size === 4) this.view.setUint32(at, n, true);
  }

  big(n: bigint): this {
    const at = this.grow(8); // which may replace the view
    this.view.setBigUint64(at, BigInt.asUintN(64, n), true);
    return this;
  }

  float(size: number, n: number): this {
    const at = this.grow(size);
    if (size === 4) this.view.setFloat32(at, n, true);
    else this.view.setFloat64(at, n, true);
    return this;
  }

  raw(b: ArrayLike<number>): this {
    const at = this.grow(b.length);
    this.bytes.set(b, at);
    return this;
  }

  /** A length of two bytes, and text. */
  text(s: string): this {
    const b = encodeText(s);
    if (b.length > 0xffff) throw new ValueError("too large", `a text of ${b.length} bytes`);
    return this.int(2, b.length).raw(b);
  }

  /** What was written since `from`, not copied. */
  since(from: number): Uint8Array {
    return this.bytes.subarray(from, this.length);
  }

  /** Takes back what was written since `length`. */
  cut(length: number): void {
    this.length = length;
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

// A byte that is not UTF-8 becomes a lone surrogate U+DC80 … U+DCFF, as with Python's
// surrogateescape, so that no text is lost on the way through a string.
const escapes = 0xdc00;

/** Text of bytes. A byte that is not UTF-8 becomes a lone surrogate, which {@link encodeText} turns back. */
export function decodeText(b: Uint8Array): string {
  try {
    return decoder.decode(b);
  } catch {
    let s = "";
    for (let at = 0; at < b.length; ) {
      const n = runeLength(b, at);
      s += n ? lenient.decode(b.subarray(at, at + n)) : String.fromCharCode(escapes + b[at]!);
      at += n || 1;
    }
    return s;
  }
}

/** How many bytes the UTF-8 character at a place has, or 0 if there is none. */
function runeLength(b: Uint8Array, at: number): number {
  const c = b[at]!;
  const n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
  try {
    if (at + n > b.length) return 0;
    return [...decoder.decode(b.subarray(at, at + n))].length === 1 ? n : 0;
  } catch {
    return 0;
  }
}

/** UTF-8 of a text, and the bytes that {@link decodeText} could not read. */
export function encodeText(s: string): Uint8Array {
  if (!/[\ud800-\udfff]/.test(s)) return encoder.encode(s);
  const w = new Writer();
  for (const c of s) {
    const n = c.codePointAt(0)!;
    if (n < 0xd800 || n > 0xdfff) w.raw(encoder.encode(c));
    else if (n >= escapes + 0x80 && n <= escapes + 0xff) w.int(1, n - escapes);
    else throw new ValueError("wrong type", "the text has half a character");
  }
  return w.take();
}

/** Bytes in hexadecimal digits. */
export function hex(b: Uint8Array): string {
  let s = "";
  for (const c of b) s += c.toString(16).padStart(2, "0");
  return s;
}
