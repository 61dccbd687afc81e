import { relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { formatAddress } from "../../address/parse.ts";
import { bindPolicy, type Plan, type PlannedService } from "./plan.ts";
import { type StartStamps, startFilesOf } from "./start-files.ts";

/** What a service's last start was given, beside its plan. */
export interface StartedWith {
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly files: StartStamps;
}

/** What differs between a service as it runs and as it is planned now. Names only, never values that could be secrets. */
export interface Difference {
  /** Takes a restart: `env LOG_LEVEL changed`, `port 3000 → 4000`. */
  readonly restart: readonly string[];
  /** Takes effect without one. */
  readonly update: readonly string[];
  /** Takes effect only once its data is made anew. */
  readonly later: readonly string[];
}

/** As many names as a reason has room for. */
const NAMES = 3;

/** Compares two plans of a service. */
export function compareServices(before: PlannedService, after: PlannedService): Difference {
  if (before.kind.name !== after.kind.name) {
    return { restart: [`kind ${before.kind.name} → ${after.kind.name}`], update: [], later: [] };
  }
  const options = changedOptions(before, after);
  const exits = (before.ready.type === "exit") !== (after.ready.type === "exit");
  const readyReason = differ(before.ready, after.ready) ? ["ready changed"] : [];
  return {
    restart: [
      ...options.restart.map((name) => `${name} changed`),
      ...moved(before, after),
      ...(before.cwd === after.cwd ? [] : ["cwd changed"]),
      ...(bindPolicy(before) === bindPolicy(after) ? [] : [`guard.bind ${bindPolicy(before)} → ${bindPolicy(after)}`]),
      ...((before.trace ?? "auto") === (after.trace ?? "auto")
        ? []
        : [`trace ${before.trace ?? "auto"} → ${after.trace ?? "auto"}`]),
      ...needsReasons(before, after),
      ...(before.hostNames === after.hostNames ? [] : [`names: ${after.hostNames ?? false}`]),
      ...(differ(before.input, after.input) ? ["tty changed"] : []),
      ...(exits ? readyReason : []),
    ],
    update: [
      ...(exits ? [] : readyReason),
      ...(["readyTimeout", "restart", "stopTimeout", "names", "capture", "expects"] as const).flatMap((key) =>
        differ(before[key], after[key]) ? [`${key} changed`] : [],
      ),
      ...(differ(before.guard, after.guard) ? ["guard changed"] : []),
    ],
    later: options.later.map((name) => `${name} changed, and is read only for a new database`),
  };
}

/** Compares what a service's start was given with what it would be given now. `own`: what the plan says by itself. */
export function compareStart(
  { kind, options, cwd, env, fileEnv = {} }: PlannedService,
  before: StartedWith,
  after: StartedWith,
): Difference {
  const changed = kind.ignoresEnv ? [] : [...new Set([...Object.keys(before.env), ...Object.keys(after.env)])].sort();
  const reasons = (["added", "changed", "removed"] as const).flatMap((how) => {
    const names = changed.filter((name) => changeOf(before.env[name], after.env[name]) === how);
    // What the config and env files say first: the edges' variables follow from other changes.
    const given = names.filter((name) => name in env || name in fileEnv);
    return names.length === 0
      ? []
      : [`env ${listed([...given, ...names.filter((name) => !given.includes(name))])} ${how}`];
  });
  const files = startFilesOf({ kind, options, cwd }).filter(({ path }) => {
    const known = before.files.get(path);
    return known !== undefined && known !== after.files.get(path);
  });
  const shown = (path: string) => `file ${relative(cwd, path)} changed`;
  return {
    restart: [...reasons, ...files.filter(({ onlyNew }) => !onlyNew).map(({ path }) => shown(path))],
    update: [],
    later: files
      .filter(({ onlyNew }) => onlyNew)
      .map(({ path }) => `${shown(path)}, and is read only for a new database`),
  };
}

/**
 * Variables of `.env` that the service's command lines name, and that nothing else of its environment says: they are filled in
 * when it starts.
 */
export function compareFilledIn(
  { configEnv: before = {} }: PlannedService,
  { configEnv: after = {}, kind }: PlannedService,
  env: Readonly<Record<string, string>>,
): Difference {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = kind.ignoresEnv ? [] : names.filter((name) => before[name] !== after[name] && !(name in env));
  return { restart: changed.length === 0 ? [] : [`${listed(changed)} changed in .env`], update: [], later: [] };
}

/** What changed of the stack as a whole and takes effect without a restart. */
export function compareStacks(before: Plan, after: Plan): string[] {
  return [
    ...(before.name === after.name ? [] : [`name ${before.name} → ${after.name}`]),
    ...(before.file === after.file ? [] : ["another config file"]),
    ...(before.explicitEdges === after.explicitEdges ? [] : ["edges changed"]),
    ...(before.realPorts === after.realPorts ? [] : ["ports changed, for the next start of each"]),
    ...(["conditions", "profiles", "scenarios"] as const).flatMap((key) =>
      differ(before.network?.[key], after.network?.[key]) ? [`${key} changed`] : [],
    ),
    ...(differ(before.https, after.https) ? ["https changed"] : []),
  ];
}

function changedOptions(before: PlannedService, after: PlannedService): { restart: string[]; later: string[] } {
  const [was, is] = [record(before.options), record(after.options)];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => differ(was[name], is[name]));
  const onlyNew = (name: string) => after.kind.onlyNew?.includes(name) ?? false;
  return { restart: names.filter((name) => !onlyNew(name)), later: names.filter(onlyNew) };
}

function moved(before: PlannedService, after: PlannedService): string[] {
  if (!differ(before.address, after.address)) return [];
  return before.address.host === after.address.host
    ? [`port ${before.address.port} → ${after.address.port}`]
    : [`address ${formatAddress(before.address)} → ${formatAddress(after.address)}`];
}

function needsReasons(before: PlannedService, after: PlannedService): string[] {
  const added = after.needs.filter((need) => !before.needs.includes(need));
  const removed = before.needs.filter((need) => !after.needs.includes(need));
  return [
    ...(added.length === 0 ? [] : [`needs ${listed(added)} added`]),
    ...(removed.length === 0 ? [] : [`needs ${listed(removed)} removed`]),
  ];
}

function changeOf(before: string | undefined, after: string | undefined): "added" | "changed" | "removed" | null {
  if (before === after) return null;
  return before === undefined ? "added" : after === undefined ? "removed" : "changed";
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMES;
  return more <= 0 ? names.join(", ") : `${names.slice(0, NAMES).join(", ")} and ${more} more`;
}

function differ(a: unknown, b: unknown): boolean {
  return !isDeepStrictEqual(a, b);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
