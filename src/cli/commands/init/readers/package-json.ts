import type { AppFinding, Finding, Reader, StoreType } from "./finding.ts";
import { type FolderView, isPlain, type Plain, within } from "./folder-view.ts";

const SCRIPTS = ["dev", "start:dev", "develop", "serve", "start"];
/** Their scripts start those of the workspaces. */
const ORCHESTRATOR =
  /\b(turbo|lerna|nx|wsrun)\b|--filter|--workspaces?\b|-ws?\b|\bpnpm\b.*(-r|--recursive|--parallel)\b/;
/** It starts the program of another folder, which is found there. */
const ELSEWHERE = /--prefix\b|--cwd\b|\s-C\s|\bcd\s+[\w./-]+\s*&&|\byarn workspace\b/;
const PAGES =
  /^(vite|next|nuxt|astro|gatsby|react-scripts|@angular\/core|@sveltejs\/kit|@remix-run\/dev|@react-router\/dev|parcel|@vue\/cli-service|@rsbuild\/core|webpack-dev-server)$/;
const SERVERS =
  /^(express|fastify|koa|hono|@hono\/node-server|@nestjs\/core|@hapi\/hapi|apollo-server|@apollo\/server|polka|restify|h3|@adonisjs\/core)$/;
const STORES: readonly (readonly [RegExp, StoreType])[] = [
  [/^(pg|postgres|pg-promise|@neondatabase\/serverless|slonik)$/, "postgres"],
  [/^(mysql2?|mariadb)$/, "mysql"],
  [/^(redis|ioredis|bullmq|bull|connect-redis)$/, "redis"],
  [/^(mongoose|mongodb)$/, "mongodb"],
  [/^(amqplib|amqp-connection-manager)$/, "rabbitmq"],
];

/** package.json: the script that starts a dev server, and what its dependencies tell of it. */
export const packageJson: Reader = {
  reads: "`package.json`: scripts, workspaces, dependencies",
  read: (view, folder) => {
    const source = within(folder, "package.json");
    const manifest = view.json(source);
    if (manifest === null) return [];
    const scripts = textsIn(manifest.scripts);
    const name = SCRIPTS.find((script) => (scripts[script] ?? "").trim() !== "");
    if (name === undefined) return [];
    const line = scripts[name] ?? "";
    const isRoot = folder === ".";
    if (
      isRoot &&
      (manifest.workspaces !== undefined || view.exists("pnpm-workspace.yaml")) &&
      ORCHESTRATOR.test(line)
    ) {
      return [];
    }
    const packages = Object.keys({ ...textsIn(manifest.dependencies), ...textsIn(manifest.devDependencies) });
    if (isRoot && ELSEWHERE.test(line)) return [];
    // What others use builds itself anew there; it serves nothing.
    const isLibrary = /(^|\/)(packages|libs)\//.test(folder);
    if (isLibrary && !packages.some((one) => PAGES.test(one) || SERVERS.test(one))) return [];
    const parts = partsOf(line, scripts).filter((part) => part !== name && !ELSEWHERE.test(scripts[part] ?? ""));
    if (parts.length === 0 && partsOf(line, scripts).length > 0) return [];
    const runner = packageManager(view, folder);
    const missing = installed(view, folder, packages.length) ? {} : { missing: `${runner} install` };
    const uses = STORES.filter(([pattern]) => packages.some((one) => pattern.test(one))).map(([, store]) => store);
    if (parts.length === 0) {
      return [
        { type: "app", folder, command: `${runner} run ${name}`, ...roleOf(packages, name), uses, ...missing, source },
      ];
    }
    return parts.map((part): Finding => partFinding(part, { folder, runner, source, uses, missing }));
  },
};

interface PartContext {
  readonly folder: string;
  readonly runner: string;
  readonly source: string;
  readonly uses: readonly StoreType[];
  readonly missing: { readonly missing?: string };
}

function partFinding(script: string, { folder, runner, source, uses, missing }: PartContext): AppFinding {
  const label = script.replace(/^(dev|start|watch)[:-]|[:-](dev|start|watch)$/g, "");
  const isPage = /^(web|client|frontend|front|ui|app|vite)$/.test(label);
  const isServer = /^(api|server|backend|back)$/.test(label);
  return {
    ...{ type: "app", folder, command: `${runner} run ${script}`, name: label, listed: true, source, ...missing },
    role: isPage ? "page" : isServer ? "api" : "worker",
    ...(isPage ? {} : { uses }),
  };
}

/** The scripts that `concurrently`, `npm-run-all` and `run-p` start side by side. */
function partsOf(line: string, scripts: Readonly<Record<string, string>>): string[] {
  if (!/\b(concurrently|npm-run-all|run-p)\b/.test(line)) return [];
  const named = [...line.matchAll(/(?:npm|pnpm|yarn|bun)(?::| run |\s)([\w:*.-]+)/g)].map(([, name = ""]) => name);
  const words = /\b(npm-run-all|run-p)\b/.test(line) ? line.split(/\s+/).slice(1) : [];
  return [...new Set([...named, ...words])].flatMap((name) => {
    if (!name.endsWith("*")) return name in scripts ? [name] : [];
    return Object.keys(scripts).filter((script) => script.startsWith(name.replace(/\*+$/, "")));
  });
}

function roleOf(packages: readonly string[], script: string): Pick<AppFinding, "role"> {
  if (packages.some((one) => PAGES.test(one)) && !packages.some((one) => SERVERS.test(one))) return { role: "page" };
  if (packages.some((one) => /^(next|nuxt|@sveltejs\/kit|astro)$/.test(one))) return { role: "page" };
  if (packages.some((one) => SERVERS.test(one))) return { role: "api" };
  return { role: script === "serve" || packages.length === 0 ? "page" : "api" };
}

function packageManager(view: FolderView, folder: string): string {
  for (const at of [folder, "."]) {
    if (view.exists(within(at, "pnpm-lock.yaml")) || view.exists(within(at, "pnpm-workspace.yaml"))) return "pnpm";
    if (view.exists(within(at, "yarn.lock"))) return "yarn";
    if (view.exists(within(at, "bun.lock")) || view.exists(within(at, "bun.lockb"))) return "bun";
    if (view.exists(within(at, "package-lock.json"))) return "npm";
  }
  return "npm";
}

function installed(view: FolderView, folder: string, packages: number): boolean {
  return packages === 0 || view.exists(within(folder, "node_modules")) || view.exists("node_modules");
}

export function textsIn(value: unknown): Record<string, string> {
  const entries = isPlain(value) ? Object.entries(value as Plain) : [];
  return Object.fromEntries(entries.flatMap(([key, text]) => (typeof text === "string" ? [[key, text]] : [])));
}
