/**
 * A client of natstron and other Astron servers.
 *
 * @packageDocumentation
 */
export { ValueError, type Fault } from "./bytes.js";
export { Client, type ClientEvents, type ClientOptions, type ClientState } from "./client.js";
export { ConnectionClosed, Ejected, Warning } from "./closed.js";
export type { Value } from "./codec.js";
export { DCFile, DClass, Field } from "./dcfile.js";
export { Emitter } from "./events.js";
export { Interest } from "./interest.js";
export { DistributedObject, type FieldMap, type Handlers, type Location, type ObjectClass } from "./object.js";
export { Message, ejectReasons } from "./protocol.js";
export type { Schema } from "./schema.js";
export { Track, type TrackOptions } from "./track.js";
export { dialWebSocket, type Dial, type Transport, type TransportEvents } from "./transport.js";
