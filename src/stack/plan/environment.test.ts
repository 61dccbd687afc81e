// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { isFault, orThrow } from "../../fault/fault.ts";
import { ledger, planOf } from "../stack.fixture.ts";
import { serviceEnv } from "./environment.ts";

const DOOR = 62893;

/** The environment that one service of a stack would get. */
async function envOf(
  service: string,
  services: Record<string, unknown>,
  { files = {}, shell = {}, names = [`${service}.shop.localhost`], port = DOOR, namesResolve = true } = {},
) {
  const { state, leases } = ledger();
  const plan = await planOf(services, files, { state, leases });
  const planned = plan.services.find(({ name }) => name === service);
  if (planned === undefined) throw new Error(`no service ${service}`);
  const env = await serviceEnv(plan, planned, names, port, state, shell, namesResolve);
  const edge = (to: string) => plan.edges.find(({ id }) => id === `${service}→${to}`)?.address.port ?? 0;
  return { env, plan, planned, edge };
}

const values = async (...args: Parameters<typeof envOf>) => orThrow((await envOf(...args)).env);

describe("a service is told", () => {
  test("where to listen, and its own name", async () => {
    const { env, planned } = await envOf("web", { web: { command: "x" } });
    expect(env).toEqual({
      PORT: String(planned.address.port),
      HOST: "127.0.0.1",
      COVE_URL: "http://web.shop.localhost:62893",
      BROWSER: "none",
      PATH: "",
    });
    expect(await values("web", { web: { command: "x" } }, { port: 80 })).toMatchObject({
      COVE_URL: "http://web.shop.localhost",
    });
    expect(await values("w", { w: { command: "x", protocol: "tcp" } })).not.toHaveProperty("COVE_URL");
    expect(await values("w", { w: { command: "x" } }, { names: [] })).not.toHaveProperty("COVE_URL");
    const unresolved = await envOf("web", { web: { command: "x" } }, { namesResolve: false });
    expect(unresolved.env).toMatchObject({ COVE_URL: `http://127.0.0.1:${unresolved.planned.address.port}` });
    const own = await envOf("w", { w: { command: "x", address: "own" } });
    expect(own.env).toMatchObject({ HOST: own.planned.address.host });
    expect(own.planned.address.host).toMatch(/^127\.62\./);
  });

  test("its edges' addresses, and never those of the services behind them", async () => {
    const { env, edge, plan } = await envOf("web", {
      web: { command: "x", needs: ["api", "my-queue"] },
      api: { command: "x" },
      "my-queue": { command: "x", protocol: "tcp" },
    });
    expect(env).toMatchObject({
      API_HOST: "127.0.0.1",
      API_PORT: String(edge("api")),
      API_URL: `http://127.0.0.1:${edge("api")}`,
      services__api__http__0: `http://127.0.0.1:${edge("api")}`,
      MY_QUEUE_HOST: "127.0.0.1",
      MY_QUEUE_PORT: String(edge("my-queue")),
      MY_QUEUE_URL: `tcp://127.0.0.1:${edge("my-queue")}`,
      services__my_queue__tcp__0: `tcp://127.0.0.1:${edge("my-queue")}`,
    });
    const text = JSON.stringify(env);
    for (const { name, address } of plan.services) {
      if (name !== "web") expect(text).not.toContain(String(address.port));
    }
  });

  test("what a database has by convention", async () => {
    const { env, edge } = await envOf("api", { api: { command: "x", needs: ["db"] }, db: { postgres: {} } });
    const port = String(edge("db"));
    const { DATABASE_URL, DB_URL, ...rest } = orThrow(env);
    expect(rest).toMatchObject({
      DB_PORT: port,
      PGPORT: port,
      PGHOST: "127.0.0.1",
      services__db__tcp__0: `tcp://127.0.0.1:${port}`,
    });
    expect(new URL(DB_URL ?? "").host).toBe(`127.0.0.1:${port}`);
    expect(new URL(DB_URL ?? "").password).not.toBe("");
    expect(DATABASE_URL).toBe(DB_URL);
  });

  test("nothing by convention where two databases could be meant", async () => {
    const env = await values("api", {
      api: { command: "x", needs: ["db", "logs"] },
      db: { postgres: {} },
      logs: { postgres: {} },
    });
    expect(env).not.toHaveProperty("DATABASE_URL");
    expect(env).not.toHaveProperty("PGPORT");
    expect(env).toHaveProperty("DB_URL");
    expect(env).toHaveProperty("LOGS_URL");
  });

  test("a service called database keeps its own DATABASE_URL", async () => {
    const { env, edge } = await envOf("api", {
      api: { command: "x", needs: ["database", "db"] },
      database: { command: "x" },
      db: { postgres: {} },
    });
    expect(env).toMatchObject({ DATABASE_URL: `http://127.0.0.1:${edge("database")}` });
  });

  test("a URL's user and database, with the edge's address", async () => {
    const { env, edge } = await envOf("api", {
      api: { command: "x", needs: ["main"] },
      main: { external: "postgres://ann:secret@db.test/app" },
    });
    const url = `postgres://ann:secret@127.0.0.1:${edge("main")}/app`;
    expect(env).toMatchObject({ MAIN_URL: url, DATABASE_URL: url });
  });
});

describe("who wins: config over Cove over the shell over env files", () => {
  test("neither a shell nor an env file moves a service or an edge", async () => {
    const strange = {
      PORT: "3000",
      HOST: "0.0.0.0",
      API_URL: "http://elsewhere",
      COVE_URL: "http://x",
      BROWSER: "firefox",
    };
    for (const where of [
      { shell: strange },
      {
        files: {
          "own.env": Object.entries(strange)
            .map(([k, v]) => `${k}=${v}`)
            .join("\n"),
        },
      },
    ]) {
      const { env, planned, edge } = await envOf(
        "web",
        { web: { command: "x", needs: ["api"], envFile: { path: "own.env", required: false } }, api: { command: "x" } },
        where,
      );
      expect(env).toMatchObject({
        PORT: String(planned.address.port),
        HOST: "127.0.0.1",
        API_URL: `http://127.0.0.1:${edge("api")}`,
        COVE_URL: "http://web.shop.localhost:62893",
        BROWSER: "none",
      });
    }
  });

  test("the shell's variables win over env files, as dotenv does it", async () => {
    const files = { "own.env": "A=file\nB=file" };
    const services = { w: { command: "x", envFile: "own.env" } };
    expect(await values("w", services, { files, shell: { A: "shell", C: "shell" } })).toMatchObject({
      A: "shell",
      B: "file",
      C: "shell",
    });
  });

  test("nothing of .env is in a service's environment", async () => {
    const files = { ".env": "A=secret\nVITE_X=1", ".env.local": "A=other" };
    const env = await values("w", { w: { command: "x", env: { B: "${A}" } } }, { files });
    expect(env).toMatchObject({ B: "secret" });
    expect(env).not.toHaveProperty("A");
    expect(env).not.toHaveProperty("VITE_X");
  });

  test("the config has the last word, and may use all others", async () => {
    const services = {
      w: {
        command: "x",
        needs: ["api"],
        envFile: "own.env",
        env: {
          HOST: "0.0.0.0",
          BACKEND: "${API_URL}/v1",
          MODE: "${MODE}-${OWN}-dev",
          LEVEL: "${LEVEL:-info}",
          N: 5,
          ON: true,
        },
      },
      api: { command: "x" },
    };
    const { env, edge } = await envOf("w", services, {
      files: { ".env": "MODE=file", "own.env": "OWN=own" },
    });
    expect(env).toMatchObject({
      HOST: "0.0.0.0",
      BACKEND: `http://127.0.0.1:${edge("api")}/v1`,
      MODE: "file-own-dev",
      LEVEL: "info",
      N: "5",
      ON: "true",
    });
  });

  test("a name that nothing sets is a fault that says so", async () => {
    // What an edge could give is known at the start alone; the plan refuses all other names.
    const services = { w: { command: "x", needs: ["q"], env: { A: "${DATABASE_URL}" } }, q: { command: "x" } };
    const { env } = await envOf("w", services);
    expect(isFault(env) && env).toMatchObject({
      fault: "CONFIG_INVALID",
      message: "w: env.A names ${DATABASE_URL}, which is set nowhere",
      detail: { key: "services.w.env.A", variable: "DATABASE_URL" },
    });
  });
});

test("programs of the project's packages are on PATH, the nearest first", async () => {
  const { state, leases } = ledger();
  const plan = await planOf({ w: { command: "x", cwd: "apps/web" } }, { "apps/web/x": "" }, { state, leases });
  const [planned] = plan.services;
  if (planned === undefined) throw new Error("no service");
  const { root } = plan.project;
  const bins = [join(root, "apps/web/node_modules/.bin"), join(root, "node_modules/.bin")];
  for (const bin of bins) mkdirSync(bin, { recursive: true });
  const env = orThrow(await serviceEnv(plan, planned, [], DOOR, state, { PATH: "/usr/bin" }));
  expect(env.PATH).toBe([...bins, "/usr/bin"].join(delimiter));
});
