/**
 * The client in Node: it has a WebSocket where Node has none (before version 22), and also
 * connects by TCP and TLS.
 *
 * @packageDocumentation
 */
import { Client as AnyClient } from "./client.js";
import { dialNode } from "./nodesocket.js";
import type { Dial } from "./transport.js";

export * from "./index.js";
export { dialNode } from "./nodesocket.js";

/** A client of one client agent, by `ws:`, `wss:`, `tcp:` or `tls:`, and the objects that it knows. */
export class Client extends AnyClient {
  protected override dial: Dial = dialNode;
}
