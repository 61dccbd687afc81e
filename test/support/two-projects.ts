import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { coveSandbox, type Sandbox } from "./cove.ts";
import { ask } from "./door-request.ts";

const SERVER = `console.log("starts");
require("node:http").createServer((_, res) => res.end(process.env.NAME)).listen(process.env.PORT, process.env.HOST);`;

/** Two projects that run, with everything that a command could disturb, and two folders beside them. */
export interface TwoProjects extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** A stack of a config: `api`, and `web` that needs it. Its edge has conditions; a recording of it runs. */
  readonly shop: string;
  /** A stack of another: `blog`. */
  readonly blog: string;
  /** A project of a config like shop's, with services of the same names, that isn't running. */
  readonly third: string;
  /** A folder of no project. */
  readonly empty: string;
  /** The short id of an exchange of shop's. */
  readonly exchange: string;
  /** The port that a lease of shop's has, and that its `web` has. */
  readonly leased: string;
  readonly webPort: string;
  /** All that must stay as it is, but for counters. */
  readonly fingerprint: () => Promise<unknown>;
}

function project(name: string, config: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `cove-${name}-`)));
  writeFileSync(join(folder, "server.js"), SERVER);
  writeFileSync(join(folder, "cove.yaml"), config);
  return folder;
}

const SHOP = `name: shop
services:
  api: { command: node server.js, env: { NAME: api } }
  web: { command: node server.js, needs: [api], env: { NAME: web } }
`;

export async function twoProjects(): Promise<TwoProjects> {
  const sandbox = await coveSandbox();
  const shop = project("shop", SHOP);
  const blog = project("blog", "name: blog\nservices:\n  blog: { command: node server.js, env: { NAME: blog } }\n");
  const third = project("third", SHOP);
  const empty = realpathSync(mkdtempSync(join(tmpdir(), "cove-empty-")));
  const done = async (args: string[], cwd = shop) => {
    const { code, stdout, stderr } = await sandbox.cove(args, { cwd });
    expect([code, stderr], args.join(" ")).toEqual([0, expect.not.stringMatching(/^[A-Z_]{4,} {2}/)]);
    return stdout;
  };
  await done(["up", "-d"]);
  await done(["up", "-d"], blog);
  await done(["record", "checkout", "-d"]);
  await done(["shape", "web→api", "latency=5"]);
  await done(["alias", "grafana", "9"]);
  await done(["toxiproxy", "--home", "--port", "0"]);
  const leased = (await done(["lease", "tests"])).trim();
  expect((await ask(sandbox.port, "web.shop.localhost")).body).toBe("web");
  const watched = await done(["watch", "--no-follow", "--json"]);
  const snapshot = async () => JSON.parse((await sandbox.cove(["--json"])).stdout);
  return {
    ...{ sandbox, shop, blog, third, empty, leased },
    exchange: JSON.parse(watched.split("\n")[0] ?? "").short,
    webPort: String((await snapshot()).stacks[0].services[1].address.port),
    fingerprint: async () => {
      const [shown, leases, recordings] = await Promise.all([
        snapshot(),
        sandbox.cove(["lease", "--json"]),
        sandbox.cove(["record", "--json"]),
      ]);
      const ours = (root: string) => root === shop || root === blog;
      return {
        home: shown.home,
        stacks: shown.stacks.filter(({ root }: { root: string }) => ours(root)).map(withoutCounters),
        aliases: shown.aliases,
        leases: JSON.parse(leases.stdout).leases.filter(({ root }: { root: string }) => ours(root)),
        recordings: JSON.parse(recordings.stdout).recordings.map(
          ({ name, running, filter }: Record<string, unknown>) => ({ name, running, filter }),
        ),
        files: [shop, blog].map(filesIn),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await sandbox[Symbol.asyncDispose]();
      for (const folder of [shop, blog, third, empty]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Shown {
  readonly edges: readonly { readonly id: string; readonly address: unknown; readonly shape: unknown }[];
  readonly services: readonly object[];
}

/** Nor which processes report their statements, which they tell when they have begun. */
function withoutCounters({ edges, services, ...stack }: Shown) {
  return {
    ...stack,
    services: services.map((service) => ({ ...service, tracing: undefined })),
    edges: edges.map(({ id, address, shape }) => ({ id, address, shape })),
  };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => `${name}\n${readFileSync(join(folder, name), "utf8")}`);
}

/** The commands that `cove --help` lists. */
export async function commandNames({ cove }: Sandbox): Promise<string[]> {
  const [, commands = ""] = (await cove(["--help"])).stdout.split("\nCommands:\n");
  return [...(commands.split("\n\n")[0] ?? "").matchAll(/^ {2}([a-z]+) +/gm)].map(([, name = ""]) => name);
}
