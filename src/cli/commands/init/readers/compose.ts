import { parse } from "yaml";
import { HELPER_PORTS } from "../../../../address/ports.ts";
import { containerCommand } from "./container-command.ts";
import { entriesOf } from "./env-example.ts";
import type { ComposeFinding, Finding, Reader, StoreFinding, StoreType } from "./finding.ts";
import { type FolderView, isPlain, type Plain, within } from "./folder-view.ts";

const FILES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
const IMAGES: readonly (readonly [RegExp, StoreType])[] = [
  [/(^|\/)(postgres|postgis|pgvector|timescaledb|postgresql)(:|$|[-/])/, "postgres"],
  [/(^|\/)(redis|redismod|valkey|redis-stack|keydb|dragonfly)(:|$|[-/])/, "redis"],
  [/(^|\/)(mysql|mariadb|percona)(:|$|[-/])/, "mysql"],
  [/(^|\/)mongo(db)?(:|$|[-/])/, "mongodb"],
  [/(^|\/)rabbitmq(:|$)/, "rabbitmq"],
  [/(^|\/)(mailhog|mailpit|maildev|mailcatcher)(:|$)/, "mail"],
];

/** Compose files: images that stand for a database, services that are built from a folder, and what they need. */
export const compose: Reader = {
  reads: "compose files: images, build folders, ports, `depends_on`, `environment`, `command`; and Dockerfiles",
  rootOnly: true,
  read: (view, folder) => {
    const source = FILES.map((name) => within(folder, name)).find((path) => view.exists(path));
    const document = source === undefined ? null : parsed(view, source);
    if (source === undefined || document === null || !isPlain(document.services)) return [];
    const services = Object.entries(withOverride(view, source, document.services)).filter(
      // What has a profile starts only on request, and tests run when they are called.
      (entry): entry is [string, Plain] =>
        isPlain(entry[1]) && entry[1].profiles === undefined && !/^(e2e|playwright|cypress|tests?)$/.test(entry[0]),
    );
    const awaited = services.flatMap(([, { depends_on }]) => (isPlain(depends_on) ? Object.entries(depends_on) : []));
    const ends = awaited.filter(([, how]) => isPlain(how) && how.condition === "service_completed_successfully");
    const secrets = isPlain(document.secrets) ? document.secrets : {};
    const jobs = new Set(ends.map(([name]) => name));
    const known = new Map(entriesOf(view.text(within(folder, ".env")) ?? ""));
    return services.flatMap(([name, service]) =>
      serviceFindings(view, name, service, { source, jobs, secrets, known }),
    );
  },
};

function parsed(view: FolderView, source: string): Plain | null {
  try {
    const value: unknown = parse(view.text(source) ?? "", { merge: true });
    return isPlain(value) ? value : null;
  } catch {
    return null;
  }
}

/** Compose reads a second file by itself: it adds to lists and maps, and replaces the rest. */
function withOverride(view: FolderView, source: string, services: Plain): Plain {
  const stem = source.replace(/\.ya?ml$/, "");
  const path = [".yaml", ".yml"].map((end) => `${stem}.override${end}`).find((file) => view.exists(file));
  const more = path === undefined ? null : parsed(view, path)?.services;
  if (!isPlain(more)) return services;
  const merged = Object.entries(more).map(([name, added]) => [name, mergedService(services[name], added)]);
  return { ...services, ...Object.fromEntries(merged) };
}

function mergedService(before: unknown, added: unknown): unknown {
  if (!isPlain(before) || !isPlain(added)) return added ?? before;
  const both = ["ports", "expose", "volumes", "secrets"].map((key) => [
    key,
    [before[key], added[key]].flatMap((list) => (Array.isArray(list) ? list : [])),
  ]);
  const lists = Object.fromEntries(both.filter(([, list = []]) => list.length > 0));
  const environment = { ...environmentOf(before.environment), ...environmentOf(added.environment) };
  const needs = [before.depends_on, added.depends_on].find(isPlain) ?? added.depends_on ?? before.depends_on;
  return { ...before, ...added, ...lists, environment, ...(needs !== undefined && { depends_on: needs }) };
}

interface ComposeFile {
  readonly source: string;
  /** Services that others wait for to end. */
  readonly jobs: ReadonlySet<string>;
  readonly secrets: Plain;
  /** Variables of `.env` beside it. */
  readonly known: ReadonlyMap<string, string>;
}

function serviceFindings(view: FolderView, name: string, service: Plain, file: ComposeFile): Finding[] {
  const { source, jobs, secrets, known } = file;
  const image = typeof service.image === "string" ? service.image : null;
  const given = Object.entries(environmentOf(service.environment));
  const environment = Object.fromEntries(given.map(([key, value]) => [key, filledIn(value, known)]));
  const folder = buildFolder(service.build);
  const store = folder === null ? IMAGES.find(([pattern]) => pattern.test(image ?? ""))?.[1] : undefined;
  if (store !== undefined) {
    return [
      {
        ...{ type: "store", store, name, source },
        ...(image !== null && { image }),
        ...(store === "postgres" &&
          postgresLogin(view, environment, { raw: environmentOf(service.environment), ...file })),
        init: initFiles(service.volumes),
      },
    ];
  }
  const found: ComposeFinding = {
    ...{ type: "compose", name, folder, needs: namesIn(service.depends_on), port: publishedPort(service.ports), image },
    ...{ listens: containerPorts(service), source, ends: jobs.has(name) },
    command: folder === null ? null : containerCommand(view, service, folder),
    says: service.command !== undefined,
    secrets: Object.fromEntries(
      (Array.isArray(service.secrets) ? service.secrets.map(String) : []).flatMap((secret) => {
        const file = fileOf(secrets, secret);
        return file === null ? [] : [[secret, file]];
      }),
    ),
  };
  const variables = folder === null ? [] : Object.entries(environment);
  return [
    found,
    ...variables.map(([variable, value]): Finding => {
      return { type: "variable", folder: folder ?? ".", name: variable, value, source };
    }),
  ];
}

/** What the image makes of its variables, which is what code relies on. */
function postgresLogin(
  view: FolderView,
  environment: Readonly<Record<string, string>>,
  { raw, secrets, known }: Pick<ComposeFile, "secrets" | "known"> & { readonly raw: Readonly<Record<string, string>> },
): Pick<StoreFinding, "user" | "database" | "password"> {
  const { POSTGRES_USER = "postgres", POSTGRES_DB = POSTGRES_USER } = environment;
  const [, secret = ""] = /^\/run\/secrets\/(.+)$/.exec(environment.POSTGRES_PASSWORD_FILE ?? "") ?? [];
  const file = fileOf(secrets, secret);
  const password = writtenPassword(raw.POSTGRES_PASSWORD ?? "", known) || ((file && view.text(file)) ?? "").trim();
  return {
    ...(isPlainText(POSTGRES_USER) && { user: POSTGRES_USER }),
    ...(isPlainText(POSTGRES_DB) && { database: POSTGRES_DB }),
    ...(password !== "" && { password }),
  };
}

/** A password as the file has it: what it takes from `.env`, the config takes from there, too. */
function writtenPassword(raw: string, known: ReadonlyMap<string, string>): string {
  const names = [...raw.matchAll(/\$\{(\w+)(:?-)?/g)];
  return names.every(([, name = "", fallback]) => known.has(name) || fallback !== undefined) ? raw : "";
}

function fileOf(secrets: Plain, name: string): string | null {
  const named = secrets[name];
  return isPlain(named) && typeof named.file === "string" ? within(".", named.file) : null;
}

const isPlainText = (text: string): boolean => /^[A-Za-z_][\w-]*$/.test(text);

function buildFolder(build: unknown): string | null {
  if (build === undefined) return null;
  const { context = ".", dockerfile = "" } = isPlain(build) ? build : { context: build };
  if (typeof context !== "string") return null;
  // The whole repository is often the context of each part's Dockerfile.
  const [, part = "."] = /^(.*)\/[^/]*$/.exec(String(dockerfile)) ?? [];
  const folder = within(context, part).replace(/\/$/, "");
  // Another repository's.
  return /^(\/|\.\.)/.test(folder) ? null : folder;
}

/** A map, or a list of `NAME=value`. */
function environmentOf(given: unknown): Record<string, string> {
  const entries = Array.isArray(given)
    ? given.map((line) => String(line).split(/=(.*)/s).slice(0, 2))
    : isPlain(given)
      ? Object.entries(given).map(([key, value]) => [key, value === null ? "" : String(value)])
      : [];
  return Object.fromEntries(entries.map(([key = "", value = ""]) => [key, value]));
}

/** `${NAME}` as `.env` beside the file has it, else as its default, else as nothing. */
function filledIn(text: string, known: ReadonlyMap<string, string>): string {
  const inner = text.replace(
    /\$\{(\w+)(?::?-([^${}]*)|:?[?+][^${}]*)?\}/g,
    (_, name: string, fallback: string | undefined) => known.get(name) || (fallback ?? ""),
  );
  return inner === text ? text : filledIn(inner, new Map());
}

const namesIn = (given: unknown): string[] =>
  Array.isArray(given) ? given.map(String) : isPlain(given) ? Object.keys(given) : [];

function publishedPort(given: unknown): number | null {
  const [first] = Array.isArray(given) ? given : [];
  const port = isPlain(first) ? first.published : /(?:^|:)(\d+):\d+(?:\/tcp)?$/.exec(String(first))?.[1];
  return port === undefined ? null : Number(port) || null;
}

/** `3000:8000` and `{ target: 8000 }` of `ports`, and `expose`. */
function containerPorts({ ports, expose }: Plain): number[] {
  const given = [ports, expose].flatMap((list) => (Array.isArray(list) ? list : []));
  const found = given.map((port) =>
    isPlain(port) ? Number(port.target) : Number(/(?:^|:)(\d+)(?:\/tcp)?$/.exec(String(port))?.[1]),
  );
  return [...new Set(found.filter((port) => port > 0 && port < 65536 && !HELPER_PORTS.has(port)))];
}

/** SQL files that are mounted where an image runs them once. */
function initFiles(volumes: unknown): string[] {
  return (Array.isArray(volumes) ? volumes.map(String) : []).flatMap((volume) => {
    const [, file] = /^\.\/(.+\.sql):\/docker-entrypoint-initdb\.d/.exec(volume) ?? [];
    return file === undefined ? [] : [file];
  });
}
