import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "dashboard/src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more workers only add noise to tests that start real processes.
    maxWorkers: 2,
    globalSetup: ["test/support/build.ts"],
    reporters: ["default", "./test/support/summary.ts"],
  },
});
