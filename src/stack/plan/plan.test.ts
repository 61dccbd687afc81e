// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { freePort, freePorts } from "../../../test/support/free-port.ts";
import { isFault, orThrow } from "../../fault/fault.ts";
import { checkSingle } from "../config/check-single.ts";
import { ledger, load, planOf, projectAt, projectFolder, said } from "../stack.fixture.ts";
import { compareServices } from "./compare.ts";
import { baseName, bindPolicy, planSingle, planStack } from "./plan.ts";

const SHOP = {
  web: { command: "vite", needs: ["api"] },
  api: { command: "node server.ts", needs: ["db"], ready: { http: "/healthz" }, readyTimeout: "5s" },
  db: { postgres: {} },
  docs: { files: "./docs", restart: "never", names: ["help", "*.docs"] },
  pay: { external: "127.0.0.1:4000" },
};

/** Two that find each other by name, and one that doesn't. */
const EDGES = {
  db: { postgres: {} },
  api: { command: "x", needs: ["db"], expects: 3001 },
  web: { command: "x", needs: ["api"], names: ["admin"] },
  old: { command: "x", needs: ["db"], names: false },
};

describe("a stack's plan", () => {
  test("has services in start order, a lease for each that starts, and one for each edge", async () => {
    const { state, leases } = ledger();
    const plan = await planOf(SHOP, {}, { state, leases });
    expect(plan.services.map(({ name }) => name)).toEqual(["db", "docs", "pay", "api", "web"]);
    expect(plan.edges.map(({ id }) => id)).toEqual(["web→api", "api→db"]);
    expect(plan).toMatchObject({ name: "shop", single: false, file: join(plan.project.root, "cove.json") });
    expect(
      leases
        .list()
        .map(({ holder }) => holder)
        .sort(),
    ).toEqual(
      ["edge:api→db", "edge:web→api", "service:api", "service:db", "service:docs", "service:web"], // biome-ignore format: a list
    );
    const ports = [...plan.services, ...plan.edges].map(({ address }) => address.port);
    expect(new Set(ports).size).toBe(7);
    expect(plan.services.find(({ name }) => name === "pay")?.address).toEqual({ host: "127.0.0.1", port: 4000 });
  });

  test("guards each service as it says, else as the stack says", async () => {
    const folder = projectFolder({
      "cove.json": { guard: { bind: "box" }, services: { ...SHOP, web: { ...SHOP.web, guard: { bind: "warn" } } } },
    });
    const { services } = orThrow(planStack(await load(folder), projectAt(folder), ledger().leases));
    expect(Object.fromEntries(services.map((service) => [service.name, bindPolicy(service)]))).toEqual({
      ...{ web: "warn", api: "box", db: "box", docs: "box" },
      // Runs by itself.
      pay: "warn",
    });
    const usual = Object.fromEntries((await planOf(SHOP)).services.map((one) => [one.name, bindPolicy(one)]));
    // Kinds of Cove's own listen on loopback without being made to.
    expect(usual).toEqual({ web: "fix", api: "fix", db: "warn", docs: "warn", pay: "warn" });
  });

  test("writes down of each service what it says, else what the stack says; names to hide add up", async () => {
    const services = {
      ...SHOP,
      web: { ...SHOP.web, capture: false },
      api: { ...SHOP.api, capture: { redact: ["iban"] } },
    };
    const folder = projectFolder({ "cove.json": { capture: { redact: ["ssn"], bodies: "1KiB" }, services } });
    const plan = orThrow(planStack(await load(folder), projectAt(folder), ledger().leases));
    const of = (name: string) => plan.services.find((service) => service.name === name)?.capture;
    expect(of("web")).toEqual({ on: false, bodies: 1024, redact: ["ssn"] });
    expect(of("api")).toEqual({ on: true, bodies: 1024, redact: ["ssn", "iban"] });
    expect(of("db")).toEqual({ on: true, bodies: 1024, redact: ["ssn"] });
  });

  test("is the same from run to run", async () => {
    const { leases } = ledger();
    const folder = projectFolder({ "cove.json": { services: SHOP } });
    const addresses = async () => {
      const plan = orThrow(planStack(await load(folder), projectAt(folder), leases));
      return [...plan.services, ...plan.edges].map(({ address }) => address);
    };
    expect(await addresses()).toEqual(await addresses());
  });

  test("fills in what the config leaves open", async () => {
    const { services, project } = await planOf(SHOP);
    const service = (name: string) => services.find((one) => one.name === name);
    expect(service("web")).toMatchObject({
      ready: { type: "tcp" },
      readyTimeout: 60_000,
      restart: { when: "on-failure", max: 8 },
      stopTimeout: 10_000,
      names: [],
      cwd: project.root,
    });
    expect(service("api")).toMatchObject({ ready: { type: "http", path: "/healthz" }, readyTimeout: 5_000 });
    expect(service("docs")).toMatchObject({
      restart: { when: "never", max: 8 },
      names: ["help.localhost", "*.docs.localhost"],
    });
  });

  test("gives a fixed port where the config, or the command's own flag, asks for one", async () => {
    const free = await freePorts(3);
    const plan = await planOf(
      {
        a: { command: "node a.js", port: free[0] },
        b: { command: `vite --port ${free[1]}` },
        c: { command: "npm run dev" },
      },
      { "package.json": { scripts: { dev: `next dev -p ${free[2]}` } } },
    );
    expect(plan.services.map(({ address }) => address.port)).toEqual(free);
  });

  test("gives a loopback address of its own on request", async () => {
    const plan = await planOf({ a: { command: "x", address: "own" }, b: { command: "y", address: "own" } });
    const hosts = plan.services.map(({ address }) => address.host);
    expect(hosts.every((host) => host.startsWith("127.62."))).toBe(true);
    expect(new Set(hosts).size).toBe(2);
  });

  test.runIf(process.platform === "linux")(
    "such an address has the standard port, and so has that of each of its edges",
    async () => {
      const tcp = { command: "x", address: "own" };
      const plan = await planOf({
        cache: { ...tcp, protocol: "redis" },
        pages: { ...tcp, protocol: "http", expects: [3001, 3002] },
        plain: { command: "x", needs: ["cache"] },
        api: { command: "x", needs: ["cache", "pages", "plain"] },
      });
      const addressOf = (name: string) => plan.services.find((one) => one.name === name)?.address;
      const edge = (id: string) => plan.edges.find((one) => one.id === id);
      expect(addressOf("cache")).toMatchObject({ host: expect.stringMatching(/^127\.62\./), port: 6379 });
      expect(addressOf("pages")).toMatchObject({ port: 3001 });
      expect(edge("api→cache")?.address).toMatchObject({ host: expect.stringMatching(/^127\.62\./), port: 6379 });
      expect(edge("plain→cache")?.address).toMatchObject({ port: 6379 });
      expect(edge("api→pages")).toMatchObject({ address: { port: 3001 }, also: expect.arrayContaining([3002]) });
      expect(edge("api→plain")?.address).toMatchObject({ host: "127.0.0.1" });
      const own = [addressOf("cache"), edge("api→cache")?.address, edge("plain→cache")?.address].map((at) => at?.host);
      expect(new Set(own).size).toBe(3);
    },
  );

  test.runIf(process.platform === "linux")("where the standard port is taken, it is one that is free", async () => {
    const server = createServer().listen(0, "0.0.0.0");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const services = { db: { external: 1, expects: port }, api: { command: "x", needs: ["db"], names: true } };
    const plan = await planOf(services);
    expect(plan.edges[0]?.address.host).toMatch(/^127\.62\./);
    expect(plan.edges[0]?.address.port).toBeGreaterThan(1_024);
    expect(plan.edges[0]?.address.port).not.toBe(port);
  });

  test.runIf(process.platform === "linux")("names: true gives every edge an address of its own", async () => {
    const names = { "cove.json": { names: true, services: EDGES } };
    const folder = projectFolder(names);
    const { leases } = ledger();
    const plan = orThrow(planStack(await load(folder), projectAt(folder), leases));
    const at = new Map(plan.edges.map(({ id, address }) => [id, address]));
    expect(at.get("api→db")).toMatchObject({ host: expect.stringMatching(/^127\.62\./), port: 5432 });
    expect(at.get("web→api")).toMatchObject({ host: expect.stringMatching(/^127\.62\./), port: 3001 });
    expect(at.get("old→db")).toMatchObject({ host: "127.0.0.1" });
    expect(plan.services.map(({ name, hostNames = false }) => [name, hostNames]).sort()).toEqual([
      ["api", true],
      ["db", true],
      ["old", false],
      ["web", true],
    ]);
    expect(plan.services.find(({ name }) => name === "web")?.names).toEqual(["admin.localhost"]);
    // From run to run.
    expect(orThrow(planStack(await load(folder), projectAt(folder), leases)).edges).toEqual(plan.edges);
    // Another checkout has the same names and ports, at addresses of its own.
    const other = projectFolder(names);
    const twin = orThrow(planStack(await load(other), projectAt(other), leases));
    expect(twin.edges.map(({ address }) => address.port)).toEqual(
      plan.edges.map(({ from, address }) => (from === "old" ? expect.any(Number) : address.port)),
    );
    const hosts = [...plan.edges, ...twin.edges].map(({ address }) => address.host);
    expect(new Set(hosts.filter((host) => host !== "127.0.0.1")).size).toBe(4);
    const [first] = plan.services;
    if (first === undefined) throw new Error("no service");
    const { hostNames: _, ...without } = first;
    expect(compareServices(first, without).restart).toEqual(["names: false"]);
  });

  test("has the variables of the env files that a service names, and of no others", async () => {
    const plan = await planOf(
      {
        a: { command: "x", cwd: "a" },
        b: { command: "x", envFile: "own.env" },
        c: { command: "x", envFile: ["own.env", { path: "gone.env", required: false }, { path: "more.env" }] },
      },
      {
        ".env": "A=root",
        ".env.local": "B=local",
        "a/.env": "A=a",
        "own.env": "C=c\nD=1",
        "more.env": `D="\${C}-x"\nE='\${C}'`,
      },
    );
    expect(plan.services.map(({ fileEnv }) => fileEnv)).toEqual([
      {},
      { C: "c", D: "1" },
      { C: "c", D: "c-x", E: "${C}" },
    ]);
  });

  test("gives the stack's env files to services that name none", async () => {
    const folder = projectFolder({
      "cove.json": {
        envFile: "all.env",
        services: { a: { command: "x" }, b: { command: "x", envFile: "own.env" }, c: { command: "x", envFile: [] } },
      },
      ...{ "all.env": "A=all", "own.env": "B=own" },
    });
    const plan = orThrow(planStack(await load(folder), projectAt(folder), ledger().leases));
    expect(plan.services.map(({ fileEnv }) => fileEnv)).toEqual([{ A: "all" }, { B: "own" }, {}]);
  });

  test("has of .env what a service's variables and commands name, so that an edit shows in the plan", async () => {
    const plan = await planOf(
      {
        a: { command: "serve ${MODE_OF_A}", env: { A: "${ONE}-$${THREE}" }, ready: { command: "test ${TWO}" } },
        b: { command: "x" },
      },
      { ".env": "ONE=1\nTWO=2\nTHREE=3\nMODE_OF_A=m\nOTHER=o" },
    );
    expect(plan.services.map(({ configEnv }) => configEnv)).toEqual([{ ONE: "1", TWO: "2", MODE_OF_A: "m" }, {}]);
  });

  test("knows a command's port where a variable holds it", async () => {
    const free = String(await freePort());
    const plan = await planOf(
      { a: { command: "vite --port ${A_PORT}" }, b: { command: ["vite", "--port", "${PORT}"] } },
      {
        ".env": `A_PORT=${free}\nPORT=1`,
      },
    );
    expect(plan.services[0]?.address.port).toBe(Number(free));
    expect(plan.services[1]?.address.port).not.toBe(1);
  });
});

describe("a plan that can't be is a fault that names file, line and key", () => {
  async function refused(services: Record<string, unknown>) {
    const folder = projectFolder({ "cove.json": { services } });
    const { leases } = ledger();
    const plan = planStack(await load(folder), projectAt(folder), leases);
    expect(leases.list()).toEqual([]);
    return {
      fault: isFault(plan) ? plan.fault : null,
      message: said(plan, folder),
      detail: isFault(plan) && plan.detail,
    };
  }

  test("a circle", async () => {
    expect(await refused({ a: { command: "x", needs: ["b"] }, b: { command: "y", needs: ["a"] } })).toMatchObject({
      fault: "CONFIG_CYCLE",
      message: "cove.json:5:16 services.a: services need each other in a circle: a → b → a",
      detail: { circle: ["a", "b", "a"], line: 5, key: "services.a.needs" },
    });
  });

  test("folders and env files that aren't there, ports that clash", async () => {
    const { message } = await refused({
      a: { command: "x", cwd: "gone", envFile: "gone.env" },
      b: { command: "vite --port 3000", port: 3001 },
      c: { command: "x", port: 3001 },
      d: { external: 4000, port: 4000 },
      e: { command: "x", names: "same" },
      f: { command: "x", names: "same" },
    });
    expect(message.split("\n").filter((line) => line.startsWith("cove.json"))).toEqual([
      "cove.json:5:14 services.a.cwd: there is no folder gone",
      "cove.json:6:18 services.a.envFile: gone.env isn't there",
      "cove.json:10:15 services.b.port: is 3001, but the service's command sets 3000",
      "cove.json:14:15 services.c.port: port 3001 is b's already",
      "cove.json:18:15 services.d.port: a service of kind external has its address already",
      "cove.json:26:16 services.f.names: shares a name with e",
    ]);
  });

  test("an env file may name what .env beside the config has; the service doesn't get that", async () => {
    const folder = projectFolder({
      "cove.json": { services: { a: { command: "x", envFile: "a.env" } } },
      ".env": "WHO=file\nB=dotenv",
      "a.env": "A=hello $WHO\nB=own\nC=$B",
    });
    const { leases } = ledger();
    const plan = orThrow(planStack(await load(folder), projectAt(folder), leases));
    expect(plan.services[0]?.fileEnv).toEqual({ A: "hello file", B: "own", C: "own" });
  });

  test("env files that can't be read, each with its line", async () => {
    const folder = projectFolder({
      "cove.json": {
        envFile: ["bad.env", "fine.env"],
        services: {
          a: { command: "x" },
          b: { command: "x" },
          c: { command: "x", envFile: ["fine.env", "open.env", "unset.env", "folder"] },
          d: { command: "x", env: { A: "1", B: "${TYPO_B}", C: "${API_URL}" }, envFile: [], needs: ["api"] },
          api: { command: "x", env: { A: "${NEEDED_A:?run make keys}" }, envFile: [] },
        },
      },
      ...{ "bad.env": "A=1\nsome words", "fine.env": "F=1", "open.env": "\n\nA='x", "unset.env": "A=${F}$TYPO" },
      "folder/x": "",
    });
    const { leases } = ledger();
    const message = said(planStack(await load(folder), projectAt(folder), leases), folder);
    expect(message.split("\n").filter((line) => line.startsWith("cove.json"))).toEqual([
      "cove.json:3:5 envFile[0]: bad.env:2 has no = behind some; write NAME=value, or # before a comment",
      "cove.json:17:9 services.c.envFile[1]: open.env:3 A begins with ' and has no closing '",
      "cove.json:18:9 services.c.envFile[2]: unset.env:1 names $TYPO, which is set nowhere. Set TYPO, give a default as in ${TYPO:-…}, or write $$ for a plain $, or put the value in '…'",
      "cove.json:19:9 services.c.envFile[3]: folder is a folder",
      "cove.json:26:14 services.d.env.B: names ${TYPO_B}, which is set nowhere. Set TYPO_B, give a default as in ${TYPO_B:-…}, or write $$ for a plain $",
      "cove.json:37:14 services.api.env.A: needs NEEDED_A: run make keys. Set NEEDED_A",
    ]);
  });

  test("a fixed port that another process holds", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const { fault, message, detail } = await refused({ a: { command: "x", port } });
    expect(fault).toBe("PORT_TAKEN");
    expect(message).toContain(`cove.json:5:15 services.a: port ${port} is held by `);
    expect(detail).toMatchObject({ port, pid: process.pid, line: 5, key: "services.a.port" });
  });
});

describe("a stack of one", () => {
  test("is called like its project, and listens on a lease that stays", async () => {
    const folder = projectFolder({ ".env": "A=1", "web/.env": "B=2" });
    const { leases } = ledger();
    const service = orThrow(checkSingle("command", { command: ["vite"] }));
    const single = { project: projectAt(folder), leases, service };
    const plan = orThrow(planSingle({ ...single, cwd: join(folder, "web") }));
    expect(plan).toMatchObject({ name: "shop", single: true, file: null, edges: [] });
    expect(plan.services).toHaveLength(1);
    expect(plan.services[0]).toMatchObject({ name: "shop", cwd: join(folder, "web"), fileEnv: {} });
    const again = orThrow(planSingle(single));
    expect(again.services[0]?.address).toEqual(plan.services[0]?.address);
    const told = orThrow(checkSingle("command", { command: ["vite"] }, { ready: "none", names: "x" }));
    const other = orThrow(planSingle({ ...single, name: "Other App", service: told }));
    expect(other).toMatchObject({ name: "other-app", services: [{ ready: { type: "none" }, names: ["x.localhost"] }] });
    expect(other.services[0]?.address).not.toEqual(plan.services[0]?.address);
  });

  test("refuses options that its kind doesn't take", () => {
    const refused = (kind: string, options: unknown, common = {}) => {
      const checked = checkSingle(kind, options, common);
      return isFault(checked) ? checked.message : null;
    };
    expect(refused("files", { dir: 5 })).toBe("dir: must be a text, not a number");
    expect(refused("telnet", {})).toBe("there is no kind telnet");
    expect(refused("command", { command: "x" }, { port: 0 })).toBe("port: must be a port from 1 to 65535");
  });
});

test("in a linked worktree the branch comes before the name", () => {
  expect(baseName({ project: projectAt("/p"), name: "shop" })).toBe("shop");
  expect(baseName({ project: projectAt("/p", "feature/Pay_Now"), name: "shop" })).toBe("feature-pay-now.shop");
});

/** Ports that nothing listens on, all at once. */
