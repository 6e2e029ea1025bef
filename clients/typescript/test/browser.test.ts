import { build } from "esbuild";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, inject, test } from "vitest";
import { Cable } from "./cable.js";
import { World, loginManager, park, zone } from "./world.js";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const chromium = process.env.NATSTRON_CHROMIUM || names.find((name) => spawnSync(name, ["--version"]).status === 0);
if (!chromium) console.warn("########## NO CHROMIUM HERE: THE CLIENT IS NOT TRIED IN A BROWSER ##########");

/** Opens a page with a program in Chromium, and returns what the program posts. */
async function inChromium(entry: string, query: URLSearchParams, cable: Cable): Promise<unknown> {
  const { outputFiles } = await build({
    entryPoints: [resolve(import.meta.dirname, entry)],
    bundle: true,
    format: "esm",
    write: false,
    alias: { "natstron-client": resolve(import.meta.dirname, "../src/index.ts") },
  });
  const dir = mkdtempSync(join(tmpdir(), "natstron-chromium-"));
  let posted!: (body: unknown) => void;
  const result = new Promise<unknown>((resolve) => (posted = resolve));
  const server = createServer((request, response) => {
    if (request.url === "/cut") {
      cable.cut();
      response.end();
    } else if (request.method === "POST") {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => (response.end(), posted(JSON.parse(body))));
    } else if (request.url === "/page.js") {
      response.setHeader("Content-Type", "text/javascript").end(outputFiles[0]!.contents);
    } else if (request.url === "/vectors") {
      response.end(readFileSync(inject("vectors")));
    } else {
      response.setHeader("Content-Type", "text/html").end(`<!doctype html><script type="module" src="/page.js"></script>`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const browser = spawn(chromium!, [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", `--user-data-dir=${dir}`,
    `http://127.0.0.1:${port}/?${query}`,
  ], { stdio: "ignore" });
  const ended = new Promise((resolve) => browser.on("exit", resolve));
  const early = ended.then((code) => ({ error: `Chromium ended with ${code}` }));
  try {
    return await Promise.race([result, early]);
  } finally {
    browser.kill();
    await ended;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

test.skipIf(!chromium)("two players in Chromium, and Go's values", async () => {
  const world = await World.start(inject("astrond"));
  const cable = await Cable.to(world.webSocket);
  try {
    const query = new URLSearchParams({ url: world.webSocket, cuttable: cable.url, manager: String(loginManager), park: String(park), zone: String(zone) });
    const result = await inChromium("page.ts", query, cable);
    expect(result).toEqual({
      name: ["Ada"],
      own: true,
      at: [1.5, -2.5],
      cut: [0, "on its way", true, true],
      gone: true,
      refused: expect.stringContaining("bad version (124)"),
      nobody: expect.stringContaining("no connection to ws://127.0.0.1:1"),
      count: expect.any(Number),
      differ: [],
      agent: expect.stringContaining("Chrome/"),
    });
    const { count, agent } = result as { count: number; agent: string };
    expect(count).toBeGreaterThan(20_000);
    console.log(`${count} values in ${agent}`);
  } finally {
    cable.close();
    await world.stop();
  }
});
