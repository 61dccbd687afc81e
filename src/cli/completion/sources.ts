import { existsSync } from "node:fs";
import { join } from "node:path";
import { isFault } from "../../fault/fault.ts";
import { connectHome, type HomeClient } from "../../home/client/client.ts";
import type { Snapshot, StackView } from "../../home/view/view.ts";
import { folderProject, stacksOf } from "../commands/stack/folder-project.ts";
import { stackPlace } from "../commands/stack/stack-place.ts";
import type { Source } from "./values.ts";

/** A value that may stand there, and what it is. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
  /** More is to be typed behind it: `status:`. */
  readonly open?: boolean;
}

/** Where candidates are looked for. */
export interface Surroundings {
  readonly cwd: string;
  /** `--stack`. */
  readonly stack: string | undefined;
  /** The words that stand before the one that is asked for. */
  readonly before: readonly string[];
  readonly current: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  /** The running home and what it knows; null where none answers. Asked once. */
  readonly running: () => Promise<{ home: HomeClient; snapshot: Snapshot } | null>;
}

const NEWEST = 30;
const named = (names: readonly string[], about = ""): Candidate[] => names.map((value) => ({ value, about }));

/** Candidates of each source; those that the shell finds by itself have none. */
export const CANDIDATES: Readonly<Record<Source, (around: Surroundings) => Promise<Candidate[]> | Candidate[]>> = {
  none: () => [],
  programs: () => [],
  files: () => [],
  folders: () => [],
  commands: ({ commands }) => commands.map(({ name, summary }) => ({ value: name, about: summary })),
  shells: () => named(["bash", "zsh", "fish"]),
  services,
  "config services": configServices,
  stacks: async ({ running }) =>
    ((await running())?.snapshot.stacks ?? []).map((stack) => ({ value: stack.name, about: stackPlace(stack) })),
  edges,
  conditions,
  recordings,
  exchanges,
  filter,
  aliases: async ({ running }) =>
    ((await running())?.snapshot.aliases ?? []).map(({ name, url }) => ({ value: name, about: url })),
  leases,
  ports,
  severities: async () => named([...(await import("../../audit/finding.ts")).SEVERITIES, "never"]),
  methods: () => named(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
};

/** The home that runs, without starting one. */
export async function runningNow(): Promise<{ home: HomeClient; snapshot: Snapshot } | null> {
  const home = await connectHome();
  const snapshot = home === null || isFault(home) ? null : await home.snapshot();
  return home === null || isFault(home) || snapshot === null || isFault(snapshot) ? null : { home, snapshot };
}

/** The stacks that are meant: `--stack`'s, else this folder's; and the others. */
async function stacks({ cwd, stack, running }: Surroundings): Promise<{ here: StackView[]; others: StackView[] }> {
  const all = (await running())?.snapshot.stacks ?? [];
  if (stack !== undefined)
    return { here: all.filter(({ name, root }) => name === stack || root === stack), others: [] };
  const here = stacksOf(await folderProject(cwd), all);
  return { here, others: all.filter((one) => !here.includes(one)) };
}

/** This folder's by their names, others as `shop/web`. */
async function services(around: Surroundings): Promise<Candidate[]> {
  const { here, others } = await stacks(around);
  const of = (all: readonly StackView[], full: boolean) =>
    all.flatMap((stack) =>
      stack.services.map(({ name, label, state }) => ({
        value: full ? `${stack.name}/${name}` : name,
        about: `${label}, ${state}`,
      })),
    );
  return [...of(here, false), ...of(others, true)];
}

/** Of a config that is code only what Cove has seen of it before: a completion must not run a project's code. */
async function configServices(around: Surroundings): Promise<Candidate[]> {
  const { findConfig } = await import("../../stack/config/config.ts");
  const file = await findConfig(around.cwd);
  if (file === null) return [];
  if (/\.(ya?ml|json)$/.test(file)) {
    const { readTextConfig } = await import("../../stack/config/text.ts");
    const read = await readTextConfig(file);
    const { services: written } = isFault(read) ? {} : ((read.value ?? {}) as { services?: unknown });
    if (typeof written === "object" && written !== null) return named(Object.keys(written));
  }
  const { here } = await stacks(around);
  const running = here.flatMap((stack) => stack.services.map(({ name, label }) => ({ value: name, about: label })));
  return running.length > 0 ? running : leases(around);
}

async function edges(around: Surroundings): Promise<Candidate[]> {
  const { here } = await stacks(around);
  const ways = here.flatMap((stack) => stack.edges.map(({ from, to, shape }) => ({ from, to, shape })));
  return [
    // With a colon: an arrow is hard to type. Who has typed one means it.
    ...ways.map(({ from, to, shape }) => ({
      value: [from, to].join(/→|->/.exec(around.current)?.[0] ?? ":"),
      about: shape === null ? "" : "with conditions",
    })),
    ...[...new Set(ways.map(({ to }) => to))].map((value) => ({ value, about: "all that lead there" })),
  ];
}

async function conditions({ before }: Surroundings): Promise<Candidate[]> {
  const [{ KINDS }, { PROFILES }] = await Promise.all([
    import("../../conditions/conditions.ts"),
    import("../../conditions/profiles.ts"),
  ]);
  const profiles = PROFILES.map(({ name, source }) => ({ value: name, about: source }));
  const kinds = Object.entries(KINDS).map(([value, { about }]) => ({ value: `${value}=`, about, open: true }));
  if (before[0] === "play") return [];
  return [{ value: "off", about: "a good network again" }, ...profiles, ...kinds];
}

async function recordings({ running }: Surroundings): Promise<Candidate[]> {
  const home = (await running())?.home;
  if (home === undefined) return [];
  const { recordingsOf } = await import("../../home/client/recordings-client.ts");
  const list = await recordingsOf(home).list();
  return isFault(list)
    ? []
    : list.map(({ name, exchanges: count, running: on }) => ({
        value: name,
        about: `${count} exchanges${on ? ", running" : ""}`,
      }));
}

async function exchanges(around: Surroundings): Promise<Candidate[]> {
  const home = (await around.running())?.home;
  if (home === undefined) return [];
  const { trafficOf } = await import("../../home/client/traffic-client.ts");
  const { here, others } = await stacks(around);
  const last = await trafficOf(home).last("", NEWEST);
  if (isFault(last)) return [];
  const names = new Set((here.length > 0 ? here : others).map(({ name }) => name));
  return last
    .filter(({ stack }) => names.has(stack))
    .map(({ short, edge, status, title }) => ({ value: short, about: `${edge} ${status ?? ""} ${title}` }));
}

/** A filter's words: services, edges, keys, and what can stand behind some keys. */
async function filter(around: Surroundings): Promise<Candidate[]> {
  const [, dash = "", key] = /^(-?)(?:(\w+):)?/.exec(around.current) ?? [];
  const behind = (values: readonly Candidate[]) =>
    values.map((one) => ({ ...one, value: `${dash}${key === undefined ? "" : `${key}:`}${one.value}` }));
  if (key === undefined || key === "edge") {
    const ways = (await edges(around)).filter(({ value }) => key === undefined || /→|->|:/.test(value));
    if (key === "edge") return behind(ways);
    const { FILTER_KEYS } = await import("../../inspect/filter/filter-keys.ts");
    const keys = Object.entries(FILTER_KEYS).map(([name, { hint }]) => ({
      value: `${name}:`,
      about: hint.replace(/^(it can be|name|give|compare with) /, ""),
      open: true,
    }));
    return behind([...(await services(around)).filter(({ value }) => !value.includes("/")), ...keys]);
  }
  if (key === "stack") return behind(await CANDIDATES.stacks(around));
  if (/^(from|to|service)$/.test(key)) return behind(await services({ ...around, stack: around.stack }));
  return behind(named(FILTER_VALUES[key] ?? []));
}

const FILTER_VALUES: Readonly<Record<string, readonly string[]>> = {
  status: ["2xx", "3xx", "4xx", "5xx", "error", "ok", "pending"],
  method: ["GET", "POST", "PUT", "PATCH", "DELETE"],
  is: ["slow", "error", "websocket", "held", "replay", "repeated"],
  protocol: ["http", "websocket", "postgres", "redis", "tcp"],
  type: ["json", "html"],
};

/** Names of this folder's leases, read from the state where there is one. */
async function leases({ cwd }: Surroundings): Promise<Candidate[]> {
  const { stateFolder } = await import("../../state/folder.ts");
  if (!existsSync(join(stateFolder(), "cove.sqlite"))) return [];
  const [{ openState }, { openLeases }] = await Promise.all([
    import("../../state/state.ts"),
    import("../../lease/leases.ts"),
  ]);
  const state = openState({ lockTimeout: 50 });
  if (isFault(state)) return [];
  const { key } = await folderProject(cwd);
  const list = openLeases(state).list({ project: key });
  state.close();
  return list.flatMap(({ holder, host, port }) =>
    holder.startsWith("service:") ? [{ value: holder.slice("service:".length), about: `${host}:${port}` }] : [],
  );
}

/** Ports that Cove knows whose they are. */
async function ports(around: Surroundings): Promise<Candidate[]> {
  const snapshot = (await around.running())?.snapshot;
  return (snapshot?.stacks ?? []).flatMap((stack) =>
    stack.services.map(({ name, address }) => ({ value: String(address.port), about: `${stack.name}/${name}` })),
  );
}
