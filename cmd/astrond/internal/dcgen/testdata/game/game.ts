// Written by `astrond dc gen ts` from game.dc. Do not change it: change the DC file, and run it again.

import * as natstron from "natstron-client";

/** The struct Colour. */
export interface Colour {
  /** `uint8(0-100) red` */
  red: number;
  /** `uint8(0-100) green` */
  green: number;
}

/** The struct Item. */
export interface Item {
  /** `DoId id` */
  id: number;
  /** `string name` */
  name: string;
  /** `Colour colours[]` */
  colours: Colour[];
}

/** The struct Stack. */
export interface Stack {
  /** `DoId id` */
  id: number;
  /** `string name` */
  name: string;
  /** `Colour colours[]` */
  colours: Colour[];
  /** `uint16(1-99) count` */
  count: number;
}

/** The dclass, as a value, Toon. */
export interface ToonValue {
  /** `setX(int16 / 10 x)` */
  setX: { x: number };
  /** `setY(int16 / 10 y)` */
  setY: { y: number };
  /** `setH(int16 / 10 % 360 h)` */
  setH: { h: number };
  /** `string name` */
  name: string;
  /** `setItems(Stack items[], Colour two[2])` */
  setItems: { items: Stack[]; two: Colour[] };
  /** `setWords(string words[0-3], blob32 data, char letter, int64 big, uint8array old)` */
  setWords: { words: string[]; data: Uint8Array; letter: string; big: bigint; old: number[] };
  /** `choose(switch (uint8 kind) what)` */
  choose: { what: { kind: 1; name: string } | { kind: 2; n: number } | { kind: 3; n: number } | { kind: number; data: Uint8Array } };
  /** `inline(struct { uint8 a; uint8 } both)` */
  inline: { both: { a: number; _1: number } };
  /** `class(uint8 class, string None, uint8 for)` */
  class: { class: number; None: string; for: number };
  /** `Gone later` */
  later: never;
  /** `hello(string words)` */
  hello: { words: string };
  /** `float64(-1-1) mood` */
  mood: number;
}

/** What the fields of the dclass Node carry. */
export interface NodeFields {
  /** `setX(int16 / 10 x) required broadcast ram` */
  setX: [x: number];
  /** `setY(int16 / 10 y) required broadcast ram` */
  setY: [y: number];
  /** `setXY : setX, setY` */
  setXY: [...NodeFields["setX"], ...NodeFields["setY"]];
  /** `setH(int16 / 10 % 360 h) broadcast ram` */
  setH: [h: number];
}

/** The dclass Node. */
export class Node extends natstron.DistributedObject<NodeFields> {
  static readonly dclass: string = "Node";
}

/** What the fields of the dclass Named carry. */
export interface NamedFields {
  /** `string name required broadcast db` */
  name: [value: string];
  /** `setX(string unlike) p2p` */
  setX: [unlike: string];
}

/** The dclass Named. */
export class Named extends natstron.DistributedObject<NamedFields> {
  static readonly dclass: string = "Named";
}

/** What the fields of the dclass Avatar carry. */
export interface AvatarFields extends NodeFields, Omit<NamedFields, "setX"> {
  /** `setItems(Stack items[], Colour two[2]) ownrecv db` */
  setItems: [items: Stack[], two: Colour[]];
  /** `setWords(string words[0-3], blob32 data, char letter, int64 big, uint8array old) ram` */
  setWords: [words: string[], data: Uint8Array, letter: string, big: bigint, old: number[]];
  /** `choose(switch (uint8 kind) what) clsend airecv` */
  choose: [what: { kind: 1; name: string } | { kind: 2; n: number } | { kind: 3; n: number } | { kind: number; data: Uint8Array }];
  /** `inline(struct { uint8 a; uint8 } both) ram` */
  inline: [both: { a: number; _1: number }];
  /** `hello() ownsend airecv` */
  hello: [];
  /** `class(uint8 class, string None, uint8 for) ram` */
  class: [class_: number, None: string, for_: number];
  /** `Gone later ram` */
  later: [value: never];
}

/** The dclass Avatar. */
export class Avatar extends natstron.DistributedObject<AvatarFields> {
  static readonly dclass: string = "Avatar";
}

/** What the fields of the dclass Missing carry. */
export interface MissingFields {
}

/** The dclass Missing. */
export class Missing extends natstron.DistributedObject<MissingFields> {
  static readonly dclass: string = "Missing";
}

/** What the fields of the dclass Toon carry. */
export interface ToonFields extends Omit<AvatarFields, "hello">, MissingFields {
  /** `hello(string words) clsend` */
  hello: [words: string];
  /** `float64(-1-1) mood ram` */
  mood: [value: number];
}

/** The dclass Toon. */
export class Toon extends natstron.DistributedObject<ToonFields> {
  static readonly dclass: string = "Toon";
}

/** What the fields of the dclass Keywords carry. */
export interface KeywordsFields {
  /** `Toon toon` */
  toon: [value: ToonValue];
}

/** The dclass Keywords. */
export class Keywords extends natstron.DistributedObject<KeywordsFields> {
  static readonly dclass: string = "Keywords";
}

/** The keywords that fields can have. */
export const keywords = ["required", "broadcast", "ownrecv", "ram", "db", "clsend", "clrecv", "ownsend", "airecv", "p2p"] as const;
export type Keyword = (typeof keywords)[number];

/** What a client packs and reads values with. */
export const dc: natstron.Schema = {
  hash: 0x018ce9b2,
  structs: [
    { name: "Colour", members: [["red", { kind: "uint8", range: [[0, 100]] }], ["green", { kind: "uint8", range: [[0, 100]] }]] },
    { name: "Item", members: [["id", "uint32"], ["name", "string"], ["colours", { kind: "array", of: { kind: "struct", name: "Colour" } }]] },
    { name: "Stack", members: [["id", "uint32"], ["name", "string"], ["colours", { kind: "array", of: { kind: "struct", name: "Colour" } }], ["count", { kind: "uint16", range: [[1, 99]] }]] },
    { name: "Toon", members: [["setX", { kind: "struct", members: [["x", { kind: "int16", divisor: 10 }]] }], ["setY", { kind: "struct", members: [["y", { kind: "int16", divisor: 10 }]] }], ["setH", { kind: "struct", members: [["h", { kind: "int16", divisor: 10, modulus: "3600" }]] }], ["name", "string"], ["setItems", { kind: "struct", members: [["items", { kind: "array", of: { kind: "struct", name: "Stack" } }], ["two", { kind: "array", size: 2, of: { kind: "struct", name: "Colour" } }]] }], ["setWords", { kind: "struct", members: [["words", { kind: "array", count: [[0, 3]], of: "string" }], ["data", "blob32"], ["letter", "char"], ["big", "int64"], ["old", { kind: "array", of: "uint8" }]] }], ["choose", { kind: "struct", members: [["what", { kind: "switch", key: ["kind", "uint8"], cases: [["01", [["name", "string"]]], ["02", [["n", "uint16"]]], ["03", [["n", "uint16"]]]], default: [["data", "blob"]] }]] }], ["inline", { kind: "struct", members: [["both", { kind: "struct", members: [["a", "uint8"], ["_1", "uint8"]] }]] }], ["class", { kind: "struct", members: [["class", "uint8"], ["None", "string"], ["for", "uint8"]] }], ["later", { kind: "undeclared", name: "Gone" }], ["hello", { kind: "struct", members: [["words", "string"]] }], ["mood", { kind: "float64", range: [[-1, 1]] }]] },
  ],
  classes: [
    {
      name: "Node", id: 3,
      fields: [
        { id: 6, name: "setX", keywords: ["required", "broadcast", "ram"], args: [["x", { kind: "int16", divisor: 10 }]] },
        { id: 7, name: "setY", keywords: ["required", "broadcast", "ram"], args: [["y", { kind: "int16", divisor: 10 }]] },
        { id: 8, name: "setXY", keywords: ["required", "broadcast", "ram"], atomics: [6, 7] },
        { id: 9, name: "setH", keywords: ["broadcast", "ram"], args: [["h", { kind: "int16", divisor: 10, modulus: "3600" }]] },
      ],
    },
    {
      name: "Named", id: 4,
      fields: [
        { id: 10, name: "name", keywords: ["required", "broadcast", "db"], type: "string" },
        { id: 11, name: "setX", keywords: ["p2p"], args: [["unlike", "string"]] },
      ],
    },
    {
      name: "Avatar", id: 5, bases: ["Node", "Named"],
      fields: [
        { id: 12, name: "setItems", keywords: ["ownrecv", "db"], args: [["items", { kind: "array", of: { kind: "struct", name: "Stack" } }], ["two", { kind: "array", size: 2, of: { kind: "struct", name: "Colour" } }]] },
        { id: 13, name: "setWords", keywords: ["ram"], args: [["words", { kind: "array", count: [[0, 3]], of: "string" }], ["data", "blob32"], ["letter", "char"], ["big", "int64"], ["old", { kind: "array", of: "uint8" }]] },
        { id: 14, name: "choose", keywords: ["clsend", "airecv"], args: [["what", { kind: "switch", key: ["kind", "uint8"], cases: [["01", [["name", "string"]]], ["02", [["n", "uint16"]]], ["03", [["n", "uint16"]]]], default: [["data", "blob"]] }]] },
        { id: 17, name: "inline", keywords: ["ram"], args: [["both", { kind: "struct", members: [["a", "uint8"], ["_1", "uint8"]] }]] },
        { id: 18, name: "hello", keywords: ["ownsend", "airecv"], args: [] },
        { id: 19, name: "class", keywords: ["ram"], args: [["class", "uint8"], ["None", "string"], ["for", "uint8"]] },
        { id: 20, name: "later", keywords: ["ram"], type: { kind: "undeclared", name: "Gone" } },
      ],
    },
    {
      name: "Missing", id: 6,
      fields: [
      ],
    },
    {
      name: "Toon", id: 7, bases: ["Avatar", "Missing"],
      fields: [
        { id: 21, name: "hello", keywords: ["clsend"], args: [["words", "string"]] },
        { id: 22, name: "mood", keywords: ["ram"], type: { kind: "float64", range: [[-1, 1]] } },
      ],
    },
    {
      name: "Keywords", id: 8,
      fields: [
        { id: 23, name: "toon", type: { kind: "struct", name: "Toon" } },
      ],
    },
  ],
};
