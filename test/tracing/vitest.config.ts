import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";

export default defineConfig({
  ...base,
  test: { ...base.test, include: ["test/tracing/all-rows.ts", "test/tracing/python-rows.ts"], maxWorkers: 1 },
});
