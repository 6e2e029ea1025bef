import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A file of values that Go's package dc has packed. */
    vectors: string;
    /** The daemon. */
    astrond: string;
  }
}

/** The root of the whole project. */
const root = resolve(import.meta.dirname, "../../..");

/** Builds with Go what the tests need: a daemon, and values. */
export default function setup(project: TestProject): () => void {
  const dir = mkdtempSync(join(tmpdir(), "natstron-"));
  const go = (args: string[], env: Record<string, string> = {}) =>
    execFileSync("go", args, { cwd: root, env: { ...process.env, ...env }, stdio: "inherit" });
  const vectors = join(dir, "vectors.jsonl");
  const astrond = join(dir, "astrond");
  go(["test", "-count=1", "-run=^TestWriteVectors$", "./dc"], { NATSTRON_DC_VECTORS: vectors });
  go(["build", "-buildvcs=false", "-o", astrond, "./cmd/astrond"]);
  project.provide("vectors", vectors);
  project.provide("astrond", astrond);
  return () => rmSync(dir, { recursive: true, force: true });
}
