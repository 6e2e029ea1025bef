import { build } from "esbuild";
import { resolve } from "node:path";
import { expect, test } from "vitest";

// What a page loads of it, minified, without the game.
test("the client is smaller than 30 kB, minified", async () => {
  const bundle = async (entry: string, platform: "browser" | "node") => {
    const { outputFiles } = await build({
      entryPoints: [resolve(import.meta.dirname, "../src", entry)],
      bundle: true,
      minify: true,
      format: "esm",
      platform,
      write: false,
    });
    return outputFiles[0]!.contents.length;
  };
  const size = await bundle("index.ts", "browser");
  console.log(`${size} bytes in browsers, ${await bundle("node.ts", "node")} in Node`);
  expect(size).toBeLessThan(30_000);
});
