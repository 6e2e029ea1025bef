import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "natstron-client": new URL("src/index.ts", import.meta.url).pathname } }, // as generated code imports it
  test: { include: ["test/**/*.test.ts"], globalSetup: ["test/setup.ts"], testTimeout: 180_000, hookTimeout: 180_000 },
});
