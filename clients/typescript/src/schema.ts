/** Everything in a list of DC files that it takes to pack and read values: `astrond dc gen ts` writes it. */
export interface Schema {
  /** The hash that the client agent wants in CLIENT_HELLO. */
  readonly hash: number;
  /** Structs, each after those that it has in it. */
  readonly structs: readonly StructSchema[];
  /** Dclasses, each after its bases. */
  readonly classes: readonly ClassSchema[];
}

/** A struct, or a dclass that is used like one. */
export interface StructSchema {
  readonly name: string;
  readonly members: readonly ParamSchema[];
}

/** A dclass. */
export interface ClassSchema {
  readonly name: string;
  readonly id: number;
  readonly bases?: readonly string[];
  /** Its own fields. */
  readonly fields: readonly FieldSchema[];
}

/** A field: a method has `args`, a parameter a `type`, a molecular field the ids of its methods. */
export interface FieldSchema {
  readonly id: number;
  readonly name: string;
  readonly keywords?: readonly string[];
  readonly args?: readonly ParamSchema[];
  readonly type?: TypeSchema;
  readonly atomics?: readonly number[];
}

/** A name and a type. */
export type ParamSchema = readonly [name: string, type: TypeSchema];

/** The lowest and the highest number of a part of a range. Strings hold what a number does not hold exactly. */
export type SpanSchema = readonly [low: number | string, high: number | string];

/** A type: its kind alone, if there is nothing else to say. */
export type TypeSchema =
  | string
  | {
      /** A number, char, string, blob or blob32, as in a DC file; or array, struct, switch, undeclared. */
      readonly kind: string;
      readonly name?: string;
      readonly divisor?: number;
      readonly modulus?: string;
      /** Of packed numbers, or of a length in bytes. */
      readonly range?: readonly SpanSchema[];
      /** The only number of bytes or elements, which are packed without a length. */
      readonly size?: number;
      /** Of elements. */
      readonly count?: readonly SpanSchema[];
      readonly of?: TypeSchema;
      readonly members?: readonly ParamSchema[];
      readonly key?: ParamSchema;
      /** The packed value of the key in hexadecimal digits, and the members that follow. */
      readonly cases?: readonly (readonly [value: string, members: readonly ParamSchema[]])[];
      readonly default?: readonly ParamSchema[];
    };
