import { describe, expect, test } from "vitest";
import { frameworkEnv } from "./framework-env.ts";
import { withFrameworkFlags } from "./framework-flags.ts";

const AT = { host: "127.0.0.1", port: 61007 };
const DOOR = { host: "web.shop.localhost", port: 62893 };
const envOf = (command: string, base: Record<string, string> = {}) => frameworkEnv(command, AT, "/", DOOR, base);

test("variables that mean one framework alone are set for every command, whatever it starts", () => {
  expect(envOf("make dev")).toEqual({
    DENO_SERVE_ADDRESS: "tcp:127.0.0.1:61007",
    WDS_SOCKET_HOST: "web.shop.localhost",
    WDS_SOCKET_PORT: "62893",
  });
  expect(envOf("make dev")).not.toHaveProperty("CODESANDBOX_SSE");
  expect(envOf("vue-cli-service serve")).toHaveProperty("CODESANDBOX_SSE", "true");
});

test("what is set already stays, and without a name at the door nothing is said of it", () => {
  expect(envOf("make dev", { WDS_SOCKET_PORT: "443", A: "1" })).toMatchObject({ WDS_SOCKET_PORT: "443", A: "1" });
  expect(frameworkEnv("make dev", AT, "/", null, {})).toEqual({ DENO_SERVE_ADDRESS: "tcp:127.0.0.1:61007" });
});

describe("a program whose page goes to the port that the server was told is told the door's", () => {
  const added = (command: string) => String(withFrameworkFlags(command, AT, "/", DOOR)).slice(command.length + 1);
  const listens = (command: string, base: Record<string, string> = {}) => envOf(command, base).COVE_LEASED_PORT;

  test("and listens at its own, by a preload", () => {
    expect(added("rspack dev")).toBe("--port 62893");
    expect(listens("rspack dev")).toBe("62893=127.0.0.1:61007");
    expect(envOf("rspack dev").NODE_OPTIONS).toMatch(/^--require ".*leased-port\.c[jt]s"$/);
    expect(envOf("rspack dev", { NODE_OPTIONS: "--trace-warnings" }).NODE_OPTIONS).toMatch(
      /^--trace-warnings --require/,
    );
    expect(added("storybook dev -p 6006")).toBe("--port 62893 --host 127.0.0.1 --exact-port");
    expect(listens("storybook dev -p 6006")).toBe("62893=127.0.0.1:61007");
  });

  test("by PORT where it reads that alone, unless the user set it", () => {
    expect(envOf("modern dev", { PORT: "61007" })).toMatchObject({
      PORT: "62893",
      COVE_LEASED_PORT: "62893=127.0.0.1:61007",
    });
    expect(envOf("modern dev", { PORT: "3000" }).PORT).toBe("3000");
    expect(envOf("node server.js", { PORT: "61007" }).PORT).toBe("61007");
  });

  test("behind a shell, too", () => {
    expect(withFrameworkFlags("sh -c 'rspack dev'", AT, "/", DOOR)).toBe("sh -c 'rspack dev --port 62893'");
    expect(listens("sh -c 'rspack dev'")).toBe("62893=127.0.0.1:61007");
    expect(withFrameworkFlags("bun x sh -c 'rspack dev'", AT, "/", DOOR)).not.toContain("62893");
  });

  test("unless the user gave one, where the program takes the first", () => {
    expect(added("rspack dev --port 3000")).toBe("");
    expect(listens("rspack dev --port 3000")).toBeUndefined();
  });

  test.each([
    "NODE_OPTIONS=--inspect rspack dev",
    "cross-env NODE_OPTIONS=--inspect rspack dev",
    "bunx --bun rspack dev",
    "bun x rspack dev",
  ])("not where the preload wouldn't be loaded: %s", (command) => {
    expect(added(command)).toBe("--port 61007");
    expect(listens(command)).toBeUndefined();
  });

  test("a second pass adds nothing", () => {
    for (const command of ["rspack dev", "storybook dev -p 6006"]) {
      const once = withFrameworkFlags(command, AT, "/", DOOR);
      expect(withFrameworkFlags(once, AT, "/", DOOR)).toBe(once);
    }
  });
});
