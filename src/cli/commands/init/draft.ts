import { toLabel } from "../../../address/name.ts";
import { withComposed } from "./compose-apps.ts";
import type { DraftService, Means } from "./draft-service.ts";
import type {
  AppFinding,
  ComposeFinding,
  Finding,
  StoreFinding,
  StoreType,
  UseFinding,
  VariableFinding,
} from "./readers/finding.ts";
import { type DraftStore, storeService } from "./stores.ts";
import { type Known, referenceFor } from "./variables.ts";

/** A config before it is written. */
export interface Draft {
  readonly services: readonly DraftService[];
  /** The file that says that services find each other by name; null: none does. */
  readonly names: string | null;
  /** What people have to do themselves. */
  readonly todo: readonly string[];
}

/** An app with all that is decided about it. */
interface DraftApp extends AppFinding {
  readonly name: string;
  readonly needs: Set<string>;
  readonly env: Map<string, string>;
  readonly notes: Map<string, string>;
  /** Where code of the others looks for it. */
  readonly expects: readonly number[];
  port?: number;
}

/** Turns findings into services: names them, finds out who needs whom, and points variables at the services they mean. */
export function draftOf(findings: readonly Finding[], means: Means): Draft {
  const pick = <T extends Finding["type"]>(type: T) =>
    findings.filter((one): one is Extract<Finding, { type: T }> => one.type === type);
  const composed = pick("compose");
  const todo: string[] = [];
  const apps = namedApps(withComposed(chosenApps(pick("app")), composed), composed);
  const uses = pick("uses");
  const stores = draftStores(pick("store"), apps, uses, new Set(apps.map(({ name }) => name)));
  connectStores(apps, stores, uses, composed);
  connectApps(apps, findings, composed);
  const variables = pick("variable");
  for (const app of apps) fillVariables(app, { stores, apps, composed, variables, means });
  const services = [
    ...stores.flatMap((store) => storeService(withStandardPort(store, apps), means, todo) ?? []),
    ...migrations(apps, uses, stores),
    ...apps.map(appService),
  ];
  todo.push(...leftOut(composed, apps), ...secretFiles(composed, apps), ...apps.flatMap(installation));
  const known = new Set(services.map(({ name }) => name));
  return {
    services: services.map((service) => withKnownNeeds(service, known)),
    names: composed.find(({ name }) => apps.some((app) => app.name === toLabel(name)))?.source ?? null,
    todo: [...new Set(todo)],
  };
}

/** Of a folder's programs those that a list names, else one of each role; a framework that serves pages needs no other. */
function chosenApps(found: readonly AppFinding[]): AppFinding[] {
  const folders = [...new Set(found.map(({ folder }) => folder))];
  const chosen = folders.flatMap((folder) => {
    const here = found.filter((app) => app.folder === folder);
    const [first] = here;
    if (first === undefined) return [];
    if (first.listed === true) return here.filter(({ source }) => source === first.source);
    const other = first.role === "api" ? here.find(({ role }) => role === "page") : undefined;
    return other === undefined ? [first] : [first, other];
  });
  // The root's script mostly starts the parts.
  const parts = chosen.filter(({ folder }) => folder !== ".");
  const isWrapper = ({ folder, command, uses = [], listed }: AppFinding) =>
    folder === "." && listed !== true && parts.length > 1 && / run (dev|start)$/.test(command) && uses.length === 0;
  return chosen.filter((app) => !isWrapper(app));
}

function namedApps(found: readonly AppFinding[], composed: readonly ComposeFinding[]): DraftApp[] {
  const taken = new Set<string>();
  return found.map((app) => {
    const inCompose = composed.find(({ name }) => name === app.composed);
    const folder = app.folder.split("/").at(-1) ?? "";
    const own = app.folder === "." ? { page: "web", api: "api", worker: "worker" }[app.role] : folder;
    const wanted = toLabel(inCompose?.name ?? app.name ?? own);
    const name = taken.has(wanted) || wanted === "browser" ? freeName(toLabel(`${folder}-${app.role}`), taken) : wanted;
    taken.add(name);
    const notes = new Map([["command", `from ${app.source}`]]);
    const expects = inCompose?.listens ?? [];
    return { ...app, name, needs: new Set<string>(), env: new Map<string, string>(), notes, expects };
  });
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  for (let count = 2; taken.has(wanted); count++) wanted = `${wanted.replace(/-\d+$/, "")}-${count}`;
  return wanted;
}

const USUAL_NAMES: Readonly<Record<StoreType, string>> = {
  ...{ postgres: "db", mysql: "mysql", redis: "redis", mongodb: "mongo", rabbitmq: "rabbitmq", mail: "mail" },
};

/** Those that files name, and one of each other type that an app uses. */
function draftStores(
  found: readonly StoreFinding[],
  apps: readonly DraftApp[],
  uses: readonly UseFinding[],
  taken: ReadonlySet<string>,
): DraftStore[] {
  const named = found.map((one): DraftStore => ({ ...one, name: toLabel(one.name ?? USUAL_NAMES[one.store]) }));
  const used = [
    ...apps.flatMap((app) => (app.uses ?? []).map((store) => ({ store, source: app.source }))),
    ...uses.map(({ store, source }) => ({ store, source })),
  ];
  const isThere = (store: StoreType) => named.some((one) => one.store === store);
  const more = used
    .filter(({ store }, at) => !isThere(store) && used.findIndex((one) => one.store === store) === at)
    .map(
      ({ store, source }): DraftStore => ({
        type: "store",
        name: freeName(USUAL_NAMES[store], taken),
        store,
        source,
        guessed: true,
      }),
    );
  return [...named, ...more];
}

/** An app needs the stores that its packages speak to, and those that compose says. */
function connectStores(
  apps: readonly DraftApp[],
  stores: readonly DraftStore[],
  uses: readonly UseFinding[],
  composed: readonly ComposeFinding[],
): void {
  for (const app of apps) {
    const types = [
      ...(app.uses ?? []),
      ...uses.filter(({ folder }) => folder === app.folder).map(({ store }) => store),
    ];
    const listed = composed.find(({ name }) => toLabel(name) === app.name)?.needs.map((name) => toLabel(name)) ?? [];
    if (app.role === "page" && listed.length === 0 && types.length === 0) continue;
    for (const { name } of stores.filter(({ name }) => listed.includes(name))) app.needs.add(name);
    for (const type of types) {
      const fitting = stores.filter(({ store }) => store === type);
      if (fitting.some(({ name }) => app.needs.has(name))) continue;
      const [first] = fitting;
      if (first !== undefined) app.needs.add(first.name);
    }
  }
}

/** Proxies, compose's order, and where there is one page and one API, the page needs the API. */
function connectApps(
  apps: readonly DraftApp[],
  findings: readonly Finding[],
  composed: readonly ComposeFinding[],
): void {
  for (const app of apps) {
    const listed = composed.find(({ name }) => toLabel(name) === app.name)?.needs ?? [];
    for (const other of apps) if (listed.some((name) => toLabel(name) === other.name)) need(app, other, apps);
  }
  const servers = apps.filter(({ role }) => role === "api");
  for (const found of findings) {
    if (found.type !== "fixed-port") continue;
    const from = apps.find(({ folder, role }) => folder === found.folder && role === "page");
    const published = composed.find(({ port }) => port === found.port);
    const named = apps.find(({ name }) => published !== undefined && name === toLabel(published.name));
    const [only, second] = servers.filter((app) => app !== from);
    const target = named ?? (second === undefined ? only : undefined);
    if (from === undefined || target === undefined || target === from) continue;
    need(from, target, apps);
    if (target.port !== undefined) continue;
    target.port = found.port;
    target.notes.set("port", `guessed: ${found.source} sends requests to this port`);
  }
  const pages = apps.filter(({ role }) => role === "page");
  const [server, another] = servers;
  if (server === undefined || another !== undefined) return;
  for (const page of pages) {
    if (page.needs.size > 0) continue;
    need(page, server, apps);
    page.notes.set("needs", "guessed: the only API here");
  }
}

/** Adds a need, unless it would close a circle. */
function need(from: DraftApp, to: DraftApp, apps: readonly DraftApp[]): boolean {
  const leadsBack = (name: string, seen: ReadonlySet<string>): boolean => {
    if (name === from.name) return true;
    const next = apps.find((app) => app.name === name);
    return (
      next !== undefined && !seen.has(name) && [...next.needs].some((one) => leadsBack(one, new Set([...seen, name])))
    );
  };
  if (leadsBack(to.name, new Set())) return from.needs.has(to.name);
  from.needs.add(to.name);
  return true;
}

/** An app that is told a store's host alone takes the port for granted, which an edge has at an address of its own. */
function withStandardPort(store: DraftStore, apps: readonly DraftApp[]): DraftStore {
  const app = apps.find(({ env }) => {
    const told = [...env.values()].flatMap((text) => text.split(`\${${store.name}.`).slice(1));
    const tells = (facts: RegExp) => told.some((text) => facts.test(text));
    return tells(/^host\}/) && !tells(/^(port|address|url|jdbc|ado)\}/);
  });
  const source = app?.notes.get("env")?.replace(/^guessed from /, "");
  return source === undefined ? store : { ...store, standardPort: source };
}

interface VariableContext {
  readonly stores: readonly DraftStore[];
  readonly apps: readonly DraftApp[];
  readonly composed: readonly ComposeFinding[];
  readonly variables: readonly VariableFinding[];
  readonly means: Means;
}

/** Variables that name a database or another service are pointed at it; a file of examples gives the others. */
function fillVariables(app: DraftApp, { stores, apps, composed, variables, means }: VariableContext): void {
  const hasOwn = variables.some(({ folder }) => folder === app.folder);
  const read = variables.filter(({ folder }) => folder === app.folder || (folder === "." && !hasOwn));
  const known: Known = {
    self: app.name,
    stores: stores.filter(({ name }) => app.needs.has(name)),
    apps: apps.map(({ name, role, port }) => {
      const published = composed.find((one) => toLabel(one.name) === name)?.port ?? undefined;
      return { name, role, ports: [port, published].filter((one) => one !== undefined) };
    }),
  };
  const sources = new Set<string>();
  for (const { name, value, fixed, source } of read) {
    if (fixed !== undefined) {
      app.env.set(name, fixed);
      sources.add(source);
    }
    const reference = app.env.has(name) ? null : referenceFor(name, value, known);
    if (reference === null) continue;
    const target = apps.find((one) => one.name === reference.service);
    if (target !== undefined && reference.needed && !need(app, target, apps)) continue;
    app.env.set(name, reference.text);
    sources.add(source);
  }
  if (sources.size > 0) app.notes.set("env", `guessed from ${[...sources].join(", ")}`);
  const example = read.find(({ source }) => /env\b/.test(source.split("/").at(-1) ?? ""))?.source;
  if (example === undefined || app.role === "page" || !means.isEnvFile(example)) return;
  app.notes.set(
    "envFile",
    example.endsWith(".env") ? "guessed: the variables that it reads" : "guessed: until there is a .env",
  );
  Object.assign(app, { envFile: example });
}

/** Their first start builds a program, and fetches what it is made of. */
const BUILDS = /(^|\s|\/)(go run|cargo run|dotnet run|mvnw?|gradlew?)\s/;

function appService(app: DraftApp): DraftService {
  const { name, command, folder, role, needs, env, notes, port, expects, ends, source } = app;
  const envFile = "envFile" in app ? app.envFile : undefined;
  return {
    ...{ name, kind: "command", command, notes, source },
    options: {
      ...(folder !== "." && { cwd: folder }),
      ...(needs.size > 0 && { needs: [...needs] }),
      ...(port !== undefined && { port }),
      ...(expects.length > 0 && { expects: expects.length === 1 ? expects[0] : expects }),
      ...(BUILDS.test(command) && { readyTimeout: "10m" }),
      ...(ends === true ? { ready: "exit", restart: "never" } : role === "worker" && { ready: "none" }),
      ...(envFile !== undefined && { envFile }),
      ...(env.size > 0 && { env: Object.fromEntries(env) }),
    },
  };
}

/** Jobs that bring databases up to date before the app starts, which then needs them. */
function migrations(
  apps: readonly DraftApp[],
  uses: readonly UseFinding[],
  stores: readonly DraftStore[],
): DraftService[] {
  const jobs: DraftService[] = [];
  for (const app of apps) {
    const tool = uses.find(({ folder, migrate }) => folder === app.folder && migrate !== undefined);
    const command = app.migrate ?? tool?.migrate;
    const needs = stores.filter(({ name, store }) => app.needs.has(name) && /^(postgres|mysql)$/.test(store));
    if (command === undefined || needs.length === 0) continue;
    const twin = jobs.find((job) => job.command === command && (job.options.cwd ?? ".") === app.folder);
    const name = twin?.name ?? (jobs.length === 0 ? "migrate" : `${app.name}-migrate`);
    if (twin === undefined) {
      const { options } = appService({ ...app, needs: new Set(needs.map((one) => one.name)) });
      const { port: _, ready: __, expects: ___, ...shared } = options;
      jobs.push({
        ...{ name, kind: "command", command, source: tool?.source ?? app.source },
        options: { ...shared, ready: "exit", restart: "never" },
        notes: new Map([["command", `guessed: the tables, before ${app.name} starts`]]),
      });
    }
    app.needs.add(name);
  }
  return jobs;
}

function leftOut(composed: readonly ComposeFinding[], apps: readonly DraftApp[]): string[] {
  return composed.flatMap(({ name, folder, image, source }) => {
    if (apps.some((app) => app.name === toLabel(name) || app.folder === folder)) return [];
    if (folder === null)
      return [
        `${name}: ${source} runs it from the image ${image}; nothing here stands for it. Add its program, or run the image and name it with external`,
      ];
    return [`${name}: no program was recognized in ${folder}. Add ${toLabel(name)} with the command that starts it`];
  });
}

/** What a container has in a place that only root can make. */
function secretFiles(composed: readonly ComposeFinding[], apps: readonly DraftApp[]): string[] {
  const ours = composed.filter(({ name }) => apps.some((app) => app.name === toLabel(name)));
  return ours.flatMap(({ name, secrets }) =>
    Object.entries(secrets).map(([secret, file]) => {
      const place = `/run/secrets/${secret}`;
      return `${name}: its container has ${file} at ${place}. If its code reads that: sudo install -D -m 644 ${file} ${place}`;
    }),
  );
}

const installation = ({ name, folder, missing }: DraftApp): string[] =>
  missing === undefined
    ? []
    : [`${name}: its packages aren't installed. Run: ${folder === "." ? "" : `cd ${folder} && `}${missing}`];

/** A store that couldn't become a service is nobody's need. */
function withKnownNeeds(service: DraftService, names: ReadonlySet<string>): DraftService {
  const { needs, ...rest } = service.options;
  if (!Array.isArray(needs)) return service;
  const known = needs.filter((name) => names.has(String(name)));
  const { cwd, ...others } = rest;
  return {
    ...service,
    options: { ...(cwd !== undefined && { cwd }), ...(known.length > 0 && { needs: known }), ...others },
  };
}
