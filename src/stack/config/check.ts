import { z } from "zod";
import { didYouMean } from "../../fault/spelling.ts";
import { captureOptions, captureWithin } from "../../services/kind/capture-options.ts";
import type { AnyKind } from "../../services/kind/kind.ts";
import {
  envFileOptions,
  guardOptions,
  type ResolvedServiceOptions,
  serviceOptions,
  stackEdges,
  stackNames,
  stackPorts,
  traceOption,
} from "../../services/kind/service-options.ts";
import { KINDS, kindOf } from "../../services/kinds.ts";
import { optionsSchema } from "../../services/schemas.ts";
import { httpsOptions } from "./https.ts";
import { problemsOf } from "./issues.ts";
import { type Network, networkOptions, networkProblems } from "./network.ts";
import { commonSchema, kindSchema, stackSchema } from "./schema.ts";
import type { ConfigProblem, KeyPath } from "./source.ts";

/** A service as the config describes it, checked. */
export interface ConfiguredService {
  readonly name: string;
  readonly kind: AnyKind;
  /** The kind's own options, as its schema gives them. */
  readonly options: unknown;
  readonly common: ResolvedServiceOptions;
}

export interface CheckedStack {
  /** Null: the project's name is used. */
  readonly name: string | null;
  readonly services: readonly ConfiguredService[];
  /** The network between them; null: no conditions. */
  readonly network: Network | null;
  /** Env files of every service that names none itself. Absent: none. */
  readonly envFile?: ResolvedServiceOptions["envFile"];
  /** What it says of https, as it says it. Absent: nothing. */
  readonly https?: z.infer<typeof httpsOptions>;
  /** Only what Cove told a service is an edge. Absent: what its code says itself is, too. */
  readonly explicitEdges?: true;
  /** What its services' code binds is bound. Absent: a leased port is, where the system can. */
  readonly realPorts?: true;
}

type Plain = Readonly<Record<string, unknown>>;

/** What a stack says of all its services. */
const wholeStack = z.object({
  guard: guardOptions.optional(),
  capture: captureOptions.optional(),
  trace: traceOption.optional(),
  envFile: envFileOptions.optional(),
  https: httpsOptions.optional(),
  names: stackNames.optional(),
  edges: stackEdges.optional(),
  ports: stackPorts.optional(),
  ...networkOptions.shape,
});
const KEYS = ["name", "services", ...Object.keys(wholeStack.shape)];

/** Checks what a config says, in whatever language it was written. Gives every problem, not just the first. */
export function checkStack(value: unknown): CheckedStack | readonly ConfigProblem[] {
  if (!isPlain(value)) return [{ path: [], message: "must hold the stack: name and services" }];
  const problems: ConfigProblem[] = [];
  for (const key of Object.keys(value)) {
    if (KEYS.includes(key) || key === "$schema" || key.startsWith("x-")) continue;
    problems.push({ path: [key], message: `unknown key${didYouMean(key, KEYS)}`, what: "key" });
  }
  const { name, services, $schema } = value;
  if ($schema !== undefined && typeof $schema !== "string") {
    problems.push({ path: ["$schema"], message: "must be the schema's address, for editors" });
  }
  const whole = wholeStack.safeParse(value);
  if (!whole.success) {
    const schema = { properties: stackSchema() };
    problems.push(...problemsOf(whole.error.issues, value, (key) => [key], schema, []));
  }
  if (name !== undefined) problems.push(...labelProblems(name, ["name"], "value"));
  if (!isPlain(services) || Object.keys(services).length === 0) {
    const message = services === undefined ? 'must have "services"' : "must hold at least one service by its name";
    return [...problems, { path: services === undefined ? [] : ["services"], message, what: "key" }];
  }
  const names = Object.keys(services);
  const checked = Object.entries(services).flatMap(([service, given]) => {
    const path = ["services", service];
    const found = checkService(service, given, names);
    problems.push(...labelProblems(service, path, "key"));
    if (!Array.isArray(found)) return [found as ConfiguredService];
    problems.push(...(found as readonly ConfigProblem[]));
    return [];
  });
  const { guard, capture, trace, envFile, names: inside, edges, ports, https, ...network } = whole.data ?? {};
  if (problems.length === 0) {
    problems.push(...networkProblems(network, new Map(checked.map((one) => [one.name, one.common.needs ?? []]))));
  }
  if (problems.length > 0) return problems;
  return {
    name: typeof name === "string" ? name : null,
    services: checked.map((one) => tracedBy(namedBy(capturedBy(guardedBy(one, guard), capture), inside), trace)),
    network: Object.values(network).some((one) => one !== undefined) ? network : null,
    ...(envFile !== undefined && { envFile }),
    ...(https !== undefined && { https }),
    ...(edges === "explicit" && { explicitEdges: true as const }),
    ...(ports === "real" && { realPorts: true as const }),
  };
}

/** The stack's guard options apply to each service that doesn't set its own. */
function guardedBy(service: ConfiguredService, guard: ResolvedServiceOptions["guard"]): ConfiguredService {
  if (guard === undefined) return service;
  return { ...service, common: { ...service.common, guard: { ...guard, ...service.common.guard } } };
}

function capturedBy(service: ConfiguredService, whole: ResolvedServiceOptions["capture"]): ConfiguredService {
  if (whole === undefined) return service;
  return { ...service, common: { ...service.common, capture: captureWithin(whole, service.common.capture) } };
}

function namedBy(service: ConfiguredService, inside: boolean | undefined): ConfiguredService {
  if (inside === undefined) return service;
  return {
    ...service,
    common: {
      ...service.common,
      names: {
        ...service.common.names,
        door: service.common.names?.door ?? [],
        inside: service.common.names?.inside ?? inside,
      },
    },
  };
}

function tracedBy(service: ConfiguredService, whole: ResolvedServiceOptions["trace"]): ConfiguredService {
  if (whole === undefined) return service;
  return { ...service, common: { ...service.common, trace: service.common.trace ?? whole } };
}

/** Names become labels of host names (RFC 1123 §2.1) and prefixes of variables. */
function labelProblems(name: unknown, path: KeyPath, what: "key" | "value"): ConfigProblem[] {
  if (typeof name === "string" && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    if (name !== "browser" || what === "value") return [];
    return [{ path, what, message: '"browser" stands for the way through the door; choose another name' }];
  }
  return [{ path, what, message: `"${String(name)}" is no name: use a–z, 0–9 and inner dashes, at most 63` }];
}

function checkService(name: string, given: unknown, names: readonly string[]): ConfiguredService | ConfigProblem[] {
  const path: KeyPath = ["services", name];
  if (!isPlain(given)) return [{ path, message: "must be a service, such as { command: node server.js }" }];
  const needs = Array.isArray(given.needs) ? needProblems(name, given.needs, names) : [];
  const kind = findKind(given, path);
  if ("message" in kind) return [kind, ...needs];
  const { common, own, origin, stray } = split(given, kind, path);
  if (stray) return [{ path: [...path, kind.name], message: "has no short form: write its options as keys" }, ...needs];

  const commonResult = serviceOptions.safeParse(common);
  const ownResult = optionsSchema(kind).safeParse(own);
  const ownSchema = kindSchema(kind);
  const keys = [...Object.keys(commonSchema()), ...Object.keys(ownSchema.properties ?? {}), kind.name, "kind"];
  const problems = [
    ...needs,
    ...(commonResult.success
      ? []
      : problemsOf(commonResult.error.issues, common, (key) => [...path, key], { properties: commonSchema() }, keys)),
    ...(ownResult.success ? [] : problemsOf(ownResult.error.issues, own, origin, ownSchema, keys)),
  ];
  if (problems.length > 0 || !commonResult.success || !ownResult.success) return problems;
  return { name, kind, options: ownResult.data, common: commonResult.data };
}

function findKind(given: Plain, path: KeyPath): AnyKind | ConfigProblem {
  const all = KINDS.map(({ name }) => name);
  if (given.kind !== undefined) {
    const named = kindOf(String(given.kind));
    if (named !== undefined) return named;
    const message = `there is no kind ${String(given.kind)}${didYouMean(String(given.kind), all) || `; there are ${all.join(", ")}`}`;
    return { path: [...path, "kind"], message };
  }
  const keys = Object.keys(given);
  const [kind, second] = KINDS.filter(({ name }) => keys.includes(name));
  if (kind !== undefined && second === undefined) return kind;
  if (kind !== undefined && second !== undefined) {
    return { path: [...path, second.name], message: `has two kinds: ${kind.name} and ${second.name}`, what: "key" };
  }
  for (const key of keys) {
    const hint = didYouMean(key, all);
    if (hint !== "") return { path: [...path, key], message: `unknown key${hint}`, what: "key" };
  }
  return { path, message: `has no kind; give it one of ${all.join(", ")}`, what: "key" };
}

/** Splits the options of every kind from this kind's own, and remembers where the latter stood. */
function split(
  given: Plain,
  kind: AnyKind,
  path: KeyPath,
): { common: Plain; own: Plain; origin: (key: string) => KeyPath; stray: boolean } {
  const { kind: named, ...rest } = given;
  const common: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  const nested = new Map<string, KeyPath>();
  let stray = false;
  const commonKeys = new Set(Object.keys(serviceOptions.shape));
  for (const [key, value] of Object.entries(rest)) {
    if (commonKeys.has(key)) common[key] = value;
    else if (key !== kind.name || (named !== undefined && kind.short === kind.name)) own[key] = value;
    else if (isPlain(value)) {
      for (const [option, inner] of Object.entries(value)) {
        own[option] = inner;
        nested.set(option, [...path, key, option]);
      }
    } else if (kind.short !== undefined) {
      own[kind.short] = value;
      nested.set(kind.short, [...path, key]);
    } else {
      stray ||= value !== true && value !== null;
    }
  }
  // A missing option is reported where the other options are.
  const base = isPlain(rest[kind.name]) ? [...path, kind.name] : path;
  const origin = (key: string) => nested.get(key) ?? [...(key in rest ? path : base), key];
  return { common, own, origin, stray };
}

function needProblems(name: string, needs: readonly unknown[], names: readonly string[]): ConfigProblem[] {
  return needs.flatMap((need, index): ConfigProblem[] => {
    const path = ["services", name, "needs", index];
    if (need === name) return [{ path, message: `${name} can't need itself` }];
    if (typeof need !== "string" || names.includes(need)) return [];
    const others = names.filter((other) => other !== name);
    const there = others.length === 0 ? "" : `; there are ${others.join(", ")}`;
    return [{ path, message: `there is no service ${need}${didYouMean(need, others) || there}` }];
  });
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
