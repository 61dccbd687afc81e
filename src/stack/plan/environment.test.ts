// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { isFault, orThrow } from "../../fault/fault.ts";
import { loadConfig } from "../config/config.ts";
import { ledger, planOf, projectAt, projectFolder, said } from "../stack.fixture.ts";
import { serviceEnv } from "./environment.ts";
import { planStack } from "./plan.ts";

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
  const told = await serviceEnv(plan, planned, {
    ...{ names, doorPort: port, state, baseEnv: shell, namesResolve },
    doorUrl: (name) => `http://${name}.shop.localhost:${port}`,
  });
  const env = isFault(told) ? told : told.env;
  const edge = (to: string) => plan.edges.find(({ id }) => id === `${service}→${to}`)?.address.port ?? 0;
  return { env, told, plan, planned, edge };
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

  test("nothing that its own program would take for a setting, unless the config says so", async () => {
    const services = {
      api: { command: "mvn -q spring-boot:run -Dback=${SERVER_PORT}", needs: ["server", "cove"] },
      server: { command: "x" },
      cove: { command: "x" },
    };
    const { env, told, edge } = await envOf("api", services);
    expect(env).not.toHaveProperty("SERVER_PORT");
    expect(env).toMatchObject({
      COVE_URL: "http://api.shop.localhost:62893",
      SERVER_URL: `http://127.0.0.1:${edge("server")}`,
      services__server__http__0: `http://127.0.0.1:${edge("server")}`,
    });
    const { withheld, references } = orThrow(told);
    expect(withheld.map(({ name }) => name)).toEqual([
      ...["SERVER_HOST", "SERVER_PORT", "COVE_HOST", "COVE_PORT", "COVE_URL"],
    ]);
    expect(references.get("SERVER_PORT")).toBe(String(edge("server")));
    const named = { BACKEND: "${SERVER_PORT}", SERVER_PORT: "${server.port}" };
    const given = await envOf("api", { ...services, api: { ...services.api, env: named } });
    const port = String(given.edge("server"));
    expect(given.env).toMatchObject({ BACKEND: port, SERVER_PORT: port });
    expect(await values("api", { ...services, api: { command: "node x.js", needs: ["server"] } })).toHaveProperty(
      "SERVER_PORT",
    );
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

describe("by convention an app is told", () => {
  test("all that it may look for, and the same everywhere, of a database given by its URL", async () => {
    const { env, edge } = await envOf("api", {
      api: { command: "x", needs: ["main"] },
      main: { external: "postgres://ann:s%3Bx@db.test/app" },
    });
    const port = String(edge("main"));
    expect(env).toMatchObject({
      ...{ MAIN_USER: "ann", MAIN_USERNAME: "ann", MAIN_PASSWORD: "s;x", MAIN_NAME: "app", MAIN_DATABASE: "app" },
      ...{ DB_HOST: "127.0.0.1", DB_PORT: port, DB_USER: "ann", DB_PASSWORD: "s;x", DB_NAME: "app" },
      ...{ PGHOST: "127.0.0.1", PGPORT: port, PGUSER: "ann", PGDATABASE: "app", POSTGRES_SERVER: "127.0.0.1" },
      SPRING_DATASOURCE_URL: `jdbc:postgresql://127.0.0.1:${port}/app`,
      ...{ SPRING_DATASOURCE_USERNAME: "ann", SPRING_DATASOURCE_PASSWORD: "s;x" },
      DB_JDBC_URL: `jdbc:postgresql://127.0.0.1:${port}/app?user=ann&password=s%3Bx`,
      ConnectionStrings__main: `Host=127.0.0.1;Port=${port};Username=ann;Password="s;x";Database=app`,
    });
  });

  test("of Redis and MySQL, whatever kind of service they are", async () => {
    const { env, edge } = await envOf("api", {
      api: { command: "x", needs: ["cache", "shop"] },
      cache: { external: { at: 6379, protocol: "redis" } },
      shop: { external: "mysql://root@127.0.0.1:3306/shop" },
    });
    const [cache, shop] = [edge("cache"), edge("shop")];
    expect(env).toMatchObject({
      ...{ REDIS_URL: `redis://127.0.0.1:${cache}`, REDIS_HOST: "127.0.0.1", REDIS_PORT: String(cache) },
      ...{ SPRING_DATA_REDIS_HOST: "127.0.0.1", SPRING_DATA_REDIS_PORT: String(cache) },
      ConnectionStrings__cache: `127.0.0.1:${cache}`,
      ...{ DATABASE_URL: `mysql://root@127.0.0.1:${shop}/shop`, MYSQL_PORT: String(shop), DB_USER: "root" },
    });
    expect(env).not.toHaveProperty("PGPORT");
    expect(env).not.toHaveProperty("DB_PASSWORD");
  });

  test("nothing that would mix two services", async () => {
    const env = await values("api", {
      api: { command: "x", needs: ["db", "main", "redis", "cache"] },
      db: { command: "x" },
      main: { external: "postgres://ann:pw@db.test/app" },
      redis: { command: "x", protocol: "tcp" },
      cache: { external: { at: 6379, protocol: "redis" } },
    });
    // DB_… and REDIS_… are the services' of these names, which have neither user nor password.
    for (const name of ["DB_USER", "DB_PASSWORD", "DB_NAME", "DB_JDBC_URL", "REDIS_PASSWORD"]) {
      expect(env).not.toHaveProperty(name);
    }
    expect(env.DB_URL).toMatch(/^http:/);
    expect(env.REDIS_URL).toMatch(/^tcp:/);
    expect(env).toMatchObject({ PGUSER: "ann", MAIN_USER: "ann" });
  });
});

describe("${service.fact} in a config", () => {
  test("is the edge's, in env with defaults and all, and a browser's URL at the door", async () => {
    const { env, edge } = await envOf("api", {
      api: {
        command: "x",
        needs: ["main", "my-web"],
        env: {
          AT: "${main.address}",
          JDBC: "${main.jdbc}",
          PASSWORD: "${main.password:-none}",
          COPY: "${AT}/${main.database}",
          PLAIN: "$${main.host}",
          CORS: "${my-web.door}",
          OLD: "${NOTHING-my.web}",
          LINKS: "${site.door} ${api.door}",
        },
      },
      main: { external: "postgres://ann@db.test/app" },
      "my-web": { command: "x" },
      site: { command: "x", needs: ["api"] },
    });
    const at = `127.0.0.1:${edge("main")}`;
    expect(env).toMatchObject({
      ...{ AT: at, JDBC: `jdbc:postgresql://${at}/app?user=ann`, PASSWORD: "none", COPY: `${at}/app` },
      ...{ PLAIN: "${main.host}", CORS: "http://my-web.shop.localhost:62893", OLD: "my.web" },
      LINKS: "http://site.shop.localhost:62893 http://api.shop.localhost:62893",
    });
  });

  test("that the service doesn't have is told, with what to write", async () => {
    const { env } = await envOf("api", {
      api: { command: "x", needs: ["main"], env: { P: "${main.password}" } },
      main: { external: "postgres://ann@db.test/app" },
    });
    expect(isFault(env) && env).toMatchObject({
      message: "api: env.P names ${main.password}, but main has no password",
      hint: "Give a default as in ${main.password:-…}",
    });
  });

  test.each([
    [
      { needs: ["db"], env: { A: "${db.hots}" } },
      'db has no hots; it has host, port, address, url, user, password, database, jdbc, ado; did you mean "host"?',
    ],
    [{ needs: ["db"], env: { A: "${dbx.host}" } }, 'there is no service dbx; did you mean "db"?'],
    [{ env: { A: "${db.host}" } }, "api doesn't need db; write needs: [db]"],
    [{ needs: ["db"], env: { A: "${api.port}" } }, "that is the service itself; it has PORT, HOST and COVE_URL"],
    [{ needs: ["web"], env: { A: "${web.password}" } }, "web has no password; it has host, port, address, url, door"],
    [{ command: "serve --to ${db.nope}", needs: ["db"] }, "db has no nope"],
    [{ ready: { command: "test ${my-db.url}" } }, "api doesn't need my-db"],
    [{ cwd: "${db.host}" }, "a service's facts can only stand in a service's env and command lines"],
  ])("%j is told with its line", async (api, message) => {
    const services = {
      api: { command: "x", ...api },
      db: { postgres: {} },
      "my-db": { postgres: {} },
      web: { command: "x" },
    };
    const folder = projectFolder({ "cove.json": { name: "shop", services } });
    const loaded = await loadConfig(folder);
    const { leases } = ledger();
    const result = isFault(loaded) ? loaded : planStack(loaded, projectAt(folder), leases);
    expect(said(result, folder)).toMatch(/^cove\.json:\d+:\d+ services\.api\./);
    expect(said(result, folder)).toContain(message);
  });
});

test("each variable's origin is known", async () => {
  const { told } = await envOf(
    "api",
    {
      api: { command: "x", needs: ["db"], envFile: "own.env", env: { LEVEL: "info" } },
      db: { postgres: {} },
    },
    { files: { "own.env": "A=file\nB=file" }, shell: { A: "shell" } },
  );
  const { layers } = orThrow(told);
  expect(layers.map((layer) => (layer.from === "edge" ? `edge ${layer.edge}` : layer.from))).toEqual([
    ...["envFile", "shell", "cove", "edge db", "config"],
  ]);
  expect(layers[0]?.values).toEqual({ A: "file", B: "file" });
  expect(layers[3]?.values).toHaveProperty("DB_URL");
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
  const baseEnv = { PATH: "/usr/bin" };
  const { env } = orThrow(await serviceEnv(plan, planned, { names: [], doorPort: DOOR, state, baseEnv }));
  expect(env.PATH).toBe([...bins, "/usr/bin"].join(delimiter));
});
