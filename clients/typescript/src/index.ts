export { ValueError, type Fault } from "./bytes.js";
export type { Value } from "./codec.js";
export { DCFile, DClass, Field } from "./dcfile.js";
export type { Schema } from "./schema.js";
