import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";

export default defineConfig({
  ...base,
  test: { ...base.test, include: ["test/frameworks/all-rows.ts"], maxConcurrency: 2, maxWorkers: 1 },
});
