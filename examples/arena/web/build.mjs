// Builds public/arena.js: node examples/arena/web/build.mjs, after npm ci in clients/typescript.
// With an argument, it is written there.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const client = resolve(import.meta.dirname, "../../../clients/typescript");
const { build } = createRequire(resolve(client, "package.json"))("esbuild");

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ["src/main.ts"],
  outfile: process.argv[2] ?? "public/arena.js",
  alias: { "natstron-client": resolve(client, "src/index.ts") },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  tsconfigRaw: "{}",
  logLevel: "warning",
  banner: { js: "// Built from ../src by ../build.mjs. Do not change it." },
});
