import { describe, expect, test } from "vitest";
import { frameworkEnv } from "./framework-env.ts";
import { withFrameworkFlags } from "./framework-flags.ts";

const AT = { host: "127.0.0.1", port: 61007 };
const DOOR = { host: "web.shop.localhost", port: 62893 };
const envOf = (command: string, base: Record<string, string> = {}) => frameworkEnv(command, AT, "/", DOOR, base);

test("variables that mean one framework alone are set for every command, whatever it starts", () => {
  expect(envOf("make dev")).toMatchObject({
    WDS_SOCKET_HOST: "web.shop.localhost",
    WDS_SOCKET_PORT: "62893",
    FLASK_RUN_HOST: "127.0.0.1",
    FLASK_RUN_PORT: "61007",
    GRADIO_SERVER_NAME: "127.0.0.1",
    BOKEH_ALLOW_WS_ORIGIN: "web.shop.localhost:62893,127.0.0.1:61007,localhost:61007",
  });
  expect(envOf("make dev")).not.toHaveProperty("CODESANDBOX_SSE");
  expect(envOf("vue-cli-service serve")).toHaveProperty("CODESANDBOX_SSE", "true");
});

test("Deno takes its address where it may listen there", () => {
  expect(envOf("deno run -A main.ts")).toHaveProperty("DENO_SERVE_ADDRESS", "tcp:127.0.0.1:61007");
  for (const command of ["deno serve main.ts", "deno task dev", "make dev"]) {
    expect(envOf(command)).not.toHaveProperty("DENO_SERVE_ADDRESS");
  }
});

test("what is set already stays, and without a name at the door nothing is said of it", () => {
  expect(envOf("make dev", { WDS_SOCKET_PORT: "443", A: "1" })).toMatchObject({ WDS_SOCKET_PORT: "443", A: "1" });
  const unnamed = frameworkEnv("make dev", AT, "/", null, {});
  expect(unnamed).toHaveProperty("FLASK_RUN_PORT", "61007");
  for (const name of ["WDS_SOCKET_HOST", "WDS_SOCKET_PORT", "BOKEH_ALLOW_WS_ORIGIN"]) {
    expect(unnamed).not.toHaveProperty(name);
  }
});

test.each(["mvn spring-boot:run", "./mvnw spring-boot:run", "./gradlew bootRun", "java -jar target/app.jar"])(
  "Java's programs take a port that means something else to others: %s",
  (command) => {
    expect(envOf(command)).toMatchObject({ SERVER_ADDRESS: "127.0.0.1", SERVER_PORT: "61007" });
    expect(envOf("npm run dev")).not.toHaveProperty("SERVER_PORT");
  },
);

describe("flags that bring a page's links and names to the door go together", () => {
  const flagged = (command: string, door: typeof DOOR | null = DOOR) =>
    String(withFrameworkFlags(command, AT, "/", door)).slice(command.length + 1);
  const hugo = "--port 61007 --bind 127.0.0.1";
  const toDoor = "--baseURL=http://web.shop.localhost:62893/ --appendPort=false --liveReloadPort=62893";

  test("where the service has a name there, and the user gave none of them", () => {
    expect(flagged("hugo server")).toBe(`${hugo} ${toDoor}`);
    expect(flagged("hugo server -D", null)).toBe(hugo);
    expect(flagged("hugo server -b http://a.test/")).toBe(hugo);
    expect(flagged("hugo server --liveReloadPort 443")).toBe(hugo);
  });

  test("Jupyter knows its name, and localhost still", () => {
    const names = "--ServerApp.local_hostnames=localhost --ServerApp.local_hostnames=web.shop.localhost";
    expect(flagged("jupyter lab")).toContain(names);
    expect(flagged("jupyter nbclassic")).toContain(names);
    expect(flagged("jupyter-notebook --ServerApp.allow_remote_access=True")).not.toContain("local_hostnames");
  });

  test.each([
    ["mkdocs serve", "--dev-addr web.shop.localhost:62893", "PYTHONPATH"],
    ["sphinx-autobuild docs out", "--port 62893 --host web.shop.localhost", "PYTHONPATH"],
    ["bundle exec jekyll serve", "--port 62893 --host web.shop.localhost", "RUBYOPT"],
  ])(
    "what makes links of its address is told its place at the door, and listens at its own: %s",
    (command, added, by) => {
      expect(flagged(command)).toBe(added);
      expect(envOf(command)).toHaveProperty("COVE_LEASED_PORT", "web.shop.localhost:62893=127.0.0.1:61007");
      expect(envOf(command, { [by]: "own" })[by]).toMatch(/leased.port.*own$/);
      for (const alone of [`${by}=x ${command}`, `${command} -${added.startsWith("--dev") ? "a" : "-port"} 8000`]) {
        expect(envOf(alone)).not.toHaveProperty("COVE_LEASED_PORT");
        expect(flagged(alone)).not.toContain("62893");
      }
    },
  );

  test("a second pass changes nothing", () => {
    for (const command of ["hugo server", "jupyter lab", "sphinx-autobuild docs out"]) {
      const once = withFrameworkFlags(command, AT, "/", DOOR);
      expect(withFrameworkFlags(once, AT, "/", DOOR)).toEqual(once);
    }
  });
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
