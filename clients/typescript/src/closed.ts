import { ejectReasons } from "./protocol.js";

/** Why a connection has ended, or was never made. The message is for people. */
export class ConnectionClosed extends Error {
  override readonly name: string = "ConnectionClosed";
}

/** The client agent has ejected the client. The message is for people: `bad DC hash (125): The client's DC hash …`. */
export class Ejected extends ConnectionClosed {
  override readonly name = "Ejected";

  constructor(
    /** The code of CLIENT_EJECT, which may be the game's own. */
    readonly code: number,
    /** What the server says. */
    readonly text: string,
  ) {
    super(`${ejectReasons[code] ?? "ejected"} (${code})${text && `: ${text}`}`);
  }

  /** What the code means, in a few words; undefined for a game's own. */
  get reason(): string | undefined {
    return ejectReasons[this.code];
  }
}

/** Something that the server sent and that the client could not use. Nothing is dropped without one. */
export class Warning extends Error {
  override readonly name = "Warning";

  constructor(
    /**
     * - `unknown message`: its type is not of this protocol, or not one for clients
     * - `malformed message`: it is shorter or longer than its parts, or a value in it is not one of its field
     * - `unknown class`: an object of a class that the DC file does not have; the client does not know it then
     * - `unknown field`: a field that the object's class does not have
     * - `unknown object`: a message about an object that the client does not know
     * - `unknown interest`: an interest that the client does not know
     */
    readonly kind:
      | "unknown message"
      | "malformed message"
      | "unknown class"
      | "unknown field"
      | "unknown object"
      | "unknown interest",
    detail: string,
    /** The whole message: a uint16, which is its type, and its arguments. */
    readonly data: Uint8Array,
    options?: ErrorOptions,
  ) {
    super(`${kind}: ${detail}`, options);
  }
}
