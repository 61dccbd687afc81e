import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "dashboard/src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes late on a busy machine; vitest's own limit is 1 s.
    expect: { poll: { timeout: 20_000 } },
    // Two cores: more workers only add noise to tests that start real processes.
    maxWorkers: 2,
    globalSetup: ["test/support/build.ts"],
    reporters: ["default", "./test/support/summary.ts"],
  },
});
