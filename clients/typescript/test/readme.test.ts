import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, inject, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

test("the program in the README has the right types", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const programs = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map((m) => m[1]!);
  expect(programs.length).toBe(1);
  const dir = mkdtempSync(join(tmpdir(), "natstron-readme-"));
  try {
    writeFileSync(join(dir, "package.json"), `{"type": "module"}`);
    writeFileSync(join(dir, "player.ts"), programs[0]!);
    execFileSync(inject("astrond"), ["dc", "gen", "ts", "-o", join(dir, "hello.dc.ts"), resolve(root, "../../examples/hello/hello.dc")]);
    writeFileSync(join(dir, "tsconfig.json"), JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { paths: { "natstron-client": [join(root, "src/node.ts")] }, typeRoots: [join(root, "node_modules/@types")] },
      include: ["*.ts"],
    }));
    const { stdout, status } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", "."], { cwd: dir, encoding: "utf8" });
    expect([stdout, status]).toEqual(["", 0]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
