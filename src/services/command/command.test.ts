import { expect, test } from "vitest";
import type { ServiceContext } from "../kind/kind.ts";
import { type CommandOptions, command } from "./command.ts";
import { frameworkEnv } from "./framework-env.ts";
import { commandSchema } from "./options.ts";

const launch = (options: CommandOptions) =>
  command.launch({
    options,
    address: { host: "127.0.0.1", port: 61007 },
    cwd: "/",
    env: { A: "1" },
  } as unknown as ServiceContext<CommandOptions>);

test("a command is started as it is, or with its framework's flags", async () => {
  const env = frameworkEnv("node server.ts", { host: "127.0.0.1", port: 61007 }, "/", null, { A: "1" });
  expect(env).toMatchObject({ A: "1", FLASK_RUN_PORT: "61007" });
  expect(await launch({ command: "node server.ts" })).toEqual({ command: "node server.ts", cwd: "/", env });
  expect(await launch({ command: ["next", "dev"], stopSignal: "SIGINT" })).toEqual({
    command: ["next", "dev", "--port", "61007", "--hostname", "127.0.0.1"],
    cwd: "/",
    env,
    stopSignal: "SIGINT",
  });
});

test("tables show it on one line, shortened", () => {
  expect(command.label({ command: "node server.ts" })).toBe("node server.ts");
  expect(command.label({ command: ["python3", "-m", "http.server"] })).toBe("python3 -m http.server");
  expect(command.label({ command: "node --enable-source-maps \\\n  dist/server/main.js --verbose" })).toBe(
    "node --enable-source-maps \\ dist/server…",
  );
});

test("it speaks http unless told otherwise, and its port may be fixed by its own flag", () => {
  expect(command.protocol({ command: "x" })).toBe("http");
  expect(command.protocol({ command: "x", protocol: "tcp" })).toBe("tcp");
  expect([
    command.protocol({ command: "x", protocol: "h2c" }),
    command.http2?.({ command: "x", protocol: "h2c" }),
  ]).toEqual(["http", true]);
  expect(command.http2?.({ command: "x" })).toBe(false);
  expect(command.port?.({ command: "vite --port 3000" }, "/")).toBe(3000);
  expect(commandSchema.safeParse({ command: " " }).success).toBe(false);
  expect(commandSchema.safeParse({ command: [] }).success).toBe(false);
});
