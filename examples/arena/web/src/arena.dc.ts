// Written by `astrond dc gen ts` from arena.dc. Do not change it: change the DC file, and run it again.

import * as natstron from "natstron-client";

/** What the fields of the dclass LoginManager carry. */
export interface LoginManagerFields {
  /** `login(string(1-16) name, string(4-72) password) clsend` */
  login: [name: string, password: string];
}

/** The dclass LoginManager. */
export class LoginManager extends natstron.DistributedObject<LoginManagerFields> {
  static readonly dclass: string = "LoginManager";
}

/** What the fields of the dclass Meadow carry. */
export interface MeadowFields {
  /** `setName(string name) required broadcast ram` */
  setName: [name: string];
}

/** The dclass Meadow. */
export class Meadow extends natstron.DistributedObject<MeadowFields> {
  static readonly dclass: string = "Meadow";
}

/** What the fields of the dclass Avatar carry. */
export interface AvatarFields {
  /** `setName(string(1-16) name) required broadcast ram` */
  setName: [name: string];
  /** `setHue(uint16(0-359) degrees) required broadcast ram` */
  setHue: [degrees: number];
  /** `setXY(uint16(0-1600) x, uint16(0-1000) y) required broadcast ram ownsend airecv` */
  setXY: [x: number, y: number];
  /** `setPoints(uint32 points) required broadcast ram` */
  setPoints: [points: number];
  /** `setChat(string(1-120) text) broadcast ownsend` */
  setChat: [text: string];
  /** `caught() airecv` */
  caught: [];
}

/** The dclass Avatar. */
export class Avatar extends natstron.DistributedObject<AvatarFields> {
  static readonly dclass: string = "Avatar";
}

/** What the fields of the dclass Firefly carry. */
export interface FireflyFields {
  /** `setXY(uint16(0-1600) x, uint16(0-1000) y) required broadcast ram` */
  setXY: [x: number, y: number];
}

/** The dclass Firefly. */
export class Firefly extends natstron.DistributedObject<FireflyFields> {
  static readonly dclass: string = "Firefly";
}

/** What the fields of the dclass Account carry. */
export interface AccountFields {
  /** `setName(string(1-16) name) required db` */
  setName: [name: string];
  /** `setPassword(blob hash) required db` */
  setPassword: [hash: Uint8Array];
  /** `setHue(uint16(0-359) degrees) required db` */
  setHue: [degrees: number];
  /** `setXY(uint16(0-1600) x, uint16(0-1000) y) required db` */
  setXY: [x: number, y: number];
  /** `setPoints(uint32 points) required db` */
  setPoints: [points: number];
}

/** The dclass Account. */
export class Account extends natstron.DistributedObject<AccountFields> {
  static readonly dclass: string = "Account";
}

/** The keywords that fields can have. */
export const keywords = ["required", "broadcast", "ownrecv", "ram", "db", "clsend", "clrecv", "ownsend", "airecv"] as const;
export type Keyword = (typeof keywords)[number];

/** What a client packs and reads values with. */
export const dc: natstron.Schema = {
  hash: 0x014d51ab,
  structs: [
  ],
  classes: [
    {
      name: "LoginManager", id: 0,
      fields: [
        { id: 0, name: "login", keywords: ["clsend"], args: [["name", { kind: "string", range: [[1, 16]] }], ["password", { kind: "string", range: [[4, 72]] }]] },
      ],
    },
    {
      name: "Meadow", id: 1,
      fields: [
        { id: 1, name: "setName", keywords: ["required", "broadcast", "ram"], args: [["name", "string"]] },
      ],
    },
    {
      name: "Avatar", id: 2,
      fields: [
        { id: 2, name: "setName", keywords: ["required", "broadcast", "ram"], args: [["name", { kind: "string", range: [[1, 16]] }]] },
        { id: 3, name: "setHue", keywords: ["required", "broadcast", "ram"], args: [["degrees", { kind: "uint16", range: [[0, 359]] }]] },
        { id: 4, name: "setXY", keywords: ["required", "broadcast", "ram", "ownsend", "airecv"], args: [["x", { kind: "uint16", range: [[0, 1600]] }], ["y", { kind: "uint16", range: [[0, 1000]] }]] },
        { id: 5, name: "setPoints", keywords: ["required", "broadcast", "ram"], args: [["points", "uint32"]] },
        { id: 6, name: "setChat", keywords: ["broadcast", "ownsend"], args: [["text", { kind: "string", range: [[1, 120]] }]] },
        { id: 7, name: "caught", keywords: ["airecv"], args: [] },
      ],
    },
    {
      name: "Firefly", id: 3,
      fields: [
        { id: 8, name: "setXY", keywords: ["required", "broadcast", "ram"], args: [["x", { kind: "uint16", range: [[0, 1600]] }], ["y", { kind: "uint16", range: [[0, 1000]] }]] },
      ],
    },
    {
      name: "Account", id: 4,
      fields: [
        { id: 9, name: "setName", keywords: ["required", "db"], args: [["name", { kind: "string", range: [[1, 16]] }]] },
        { id: 10, name: "setPassword", keywords: ["required", "db"], args: [["hash", "blob"]] },
        { id: 11, name: "setHue", keywords: ["required", "db"], args: [["degrees", { kind: "uint16", range: [[0, 359]] }]] },
        { id: 12, name: "setXY", keywords: ["required", "db"], args: [["x", { kind: "uint16", range: [[0, 1600]] }], ["y", { kind: "uint16", range: [[0, 1000]] }]] },
        { id: 13, name: "setPoints", keywords: ["required", "db"], args: [["points", "uint32"]] },
      ],
    },
  ],
};
