// Written by `astrond dc gen ts` from park.dc. Do not change it: change the DC file, and run it again.

import * as natstron from "natstron-client";

/** The struct Colour. */
export interface Colour {
  /** `uint8(0-100) red` */
  red: number;
  /** `uint8(0-100) green` */
  green: number;
}

/** What the fields of the dclass LoginManager carry. */
export interface LoginManagerFields {
  /** `login(string name) clsend airecv` */
  login: [name: string];
}

/** The dclass LoginManager. */
export class LoginManager extends natstron.DistributedObject<LoginManagerFields> {
  static readonly dclass: string = "LoginManager";
}

/** What the fields of the dclass Node carry. */
export interface NodeFields {
  /** `setX(int16 / 10 x) broadcast ram ownsend` */
  setX: [x: number];
  /** `setY(int16 / 10 y) broadcast ram ownsend` */
  setY: [y: number];
  /** `setXY : setX, setY` */
  setXY: [...NodeFields["setX"], ...NodeFields["setY"]];
}

/** The dclass Node. */
export class Node extends natstron.DistributedObject<NodeFields> {
  static readonly dclass: string = "Node";
}

/** What the fields of the dclass Avatar carry. */
export interface AvatarFields extends NodeFields {
  /** `setName(string name) required broadcast db ownsend` */
  setName: [name: string];
  /** `setGold(uint32 gold) required ownrecv db` */
  setGold: [gold: number];
  /** `setColour(Colour colour) required clrecv ram ownsend` */
  setColour: [colour: Colour];
  /** `setSecret(string secret) required` */
  setSecret: [secret: string];
  /** `setChat(string text) broadcast ownsend` */
  setChat: [text: string];
  /** `send(uint8 what) broadcast` */
  send: [what: number];
}

/** The dclass Avatar. */
export class Avatar extends natstron.DistributedObject<AvatarFields> {
  static readonly dclass: string = "Avatar";
}

/** What the fields of the dclass Toon carry. */
export interface ToonFields extends AvatarFields {
  /** `setHat(uint8 hat) broadcast ram` */
  setHat: [hat: number];
}

/** The dclass Toon. */
export class Toon extends natstron.DistributedObject<ToonFields> {
  static readonly dclass: string = "Toon";
}

/** What the fields of the dclass World carry. */
export interface WorldFields {
}

/** The dclass World. */
export class World extends natstron.DistributedObject<WorldFields> {
  static readonly dclass: string = "World";
}

/** The keywords that fields can have. */
export const keywords = ["required", "broadcast", "ownrecv", "ram", "db", "clsend", "clrecv", "ownsend", "airecv"] as const;
export type Keyword = (typeof keywords)[number];

/** What a client packs and reads values with. */
export const dc: natstron.Schema = {
  hash: 0x0094e47c,
  structs: [
    { name: "Colour", members: [["red", { kind: "uint8", range: [[0, 100]] }], ["green", { kind: "uint8", range: [[0, 100]] }]] },
  ],
  classes: [
    {
      name: "LoginManager", id: 1,
      fields: [
        { id: 2, name: "login", keywords: ["clsend", "airecv"], args: [["name", "string"]] },
      ],
    },
    {
      name: "Node", id: 2,
      fields: [
        { id: 3, name: "setX", keywords: ["broadcast", "ram", "ownsend"], args: [["x", { kind: "int16", divisor: 10 }]] },
        { id: 4, name: "setY", keywords: ["broadcast", "ram", "ownsend"], args: [["y", { kind: "int16", divisor: 10 }]] },
        { id: 5, name: "setXY", keywords: ["broadcast", "ram", "ownsend"], atomics: [3, 4] },
      ],
    },
    {
      name: "Avatar", id: 3, bases: ["Node"],
      fields: [
        { id: 6, name: "setName", keywords: ["required", "broadcast", "db", "ownsend"], args: [["name", "string"]] },
        { id: 7, name: "setGold", keywords: ["required", "ownrecv", "db"], args: [["gold", "uint32"]] },
        { id: 8, name: "setColour", keywords: ["required", "clrecv", "ram", "ownsend"], args: [["colour", { kind: "struct", name: "Colour" }]] },
        { id: 9, name: "setSecret", keywords: ["required"], args: [["secret", "string"]] },
        { id: 10, name: "setChat", keywords: ["broadcast", "ownsend"], args: [["text", "string"]] },
        { id: 11, name: "send", keywords: ["broadcast"], args: [["what", "uint8"]] },
      ],
    },
    {
      name: "Toon", id: 4, bases: ["Avatar"],
      fields: [
        { id: 12, name: "setHat", keywords: ["broadcast", "ram"], args: [["hat", "uint8"]] },
      ],
    },
    {
      name: "World", id: 5,
      fields: [
      ],
    },
  ],
};
