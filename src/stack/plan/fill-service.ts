import { EDGE_VARIABLES, variablePrefix } from "../../services/kind/edge-variables.ts";
import type { ReadyProbe, TextFill } from "../../services/kind/kind.ts";
import { fillIn, fillInLine, type Gap, isGap, namesIn, type References } from "../../text/fill-in.ts";
import { type ConfigVariables, gapMessage } from "../config/config-variables.ts";

/** `${NAME}` in a service's variables and command lines, which may name what only its start decides. */

/** What of a planned service is filled in, and with what. */
interface Filled {
  readonly env: Readonly<Record<string, string>>;
  readonly options: unknown;
  readonly ready: ReadyProbe;
  readonly needs: readonly string[];
  readonly fileEnv?: Readonly<Record<string, string>>;
  readonly configEnv?: Readonly<Record<string, string>>;
}

type Lookup = (name: string) => string | undefined;

/** An entry of `env` that can't be filled in. */
export interface EntryGap extends Gap {
  readonly entry: string;
}

/** Fills in all of `env`, in order: an entry may name those before it, and means the one in `known` by its own name. */
export function fillEnv(
  env: Readonly<Record<string, string>>,
  known: Lookup,
  references: References,
): { readonly env: Record<string, string> } | { readonly gap: EntryGap } {
  const done = new Map<string, string>();
  for (const [entry, text] of Object.entries(env)) {
    const value = fillIn(text, { lookup: (name) => done.get(name) ?? known(name), references });
    if (isGap(value)) return { gap: { ...value, entry } };
    done.set(entry, value);
  }
  return { env: Object.fromEntries(done) };
}

/** How a kind's command lines are filled in when the service starts with this environment; `values` as `ServiceEnv` has them. */
export function launchFill(
  service: Pick<Filled, "configEnv">,
  env: Readonly<Record<string, string>>,
  values: ReadonlyMap<string, string> = new Map(),
): TextFill {
  const lookup = (name: string) => values.get(name) ?? env[name] ?? service.configEnv?.[name];
  const references = referencesOf(values);
  const shellHas = (name: string) => env[name] !== undefined && !values.has(name);
  return {
    line: (text) => fillInLine(text, shellHas, lookup, references),
    word: (text) => fillIn(text, { lookup, references }),
  };
}

/** What `${db.host}` means; `values` by `db.host`. */
export function referencesOf(values: ReadonlyMap<string, string>): References {
  return {
    isService: (name) => [...values.keys()].some((key) => key.startsWith(`${name}.`)),
    lookup: (service, fact) => values.get(`${service}.${fact}`),
  };
}

/** The same before the start, for what the plan must know of a command: its port. What isn't known yet stays. */
export function planFill({ shell, ofFile }: ConfigVariables): TextFill {
  const lookup = (name: string) => (isOwn(name) ? undefined : (shell[name] ?? ofFile[name]));
  return {
    line: (text) => fillInLine(text, isOwn, lookup),
    word: (text) => {
      const filled = fillIn(text, { lookup });
      return isGap(filled) ? text : filled;
    },
  };
}

/** The probe with its command filled in. */
export function filledProbe(
  service: Pick<Filled, "configEnv" | "ready">,
  env: Readonly<Record<string, string>>,
  references?: ReadonlyMap<string, string>,
): ReadyProbe {
  const { ready } = service;
  if (ready.type !== "command") return ready;
  return { ...ready, command: launchFill(service, env, references).line(ready.command) };
}

/** Those of `.env` that the service's own texts name: they are part of its plan, and no others. */
export function usedVariables(
  { env, options, ready }: Pick<Filled, "env" | "options" | "ready">,
  { ofFile }: ConfigVariables,
): Record<string, string> {
  const names = new Set(namesIn(JSON.stringify([env, options, ready])));
  return Object.fromEntries(Object.entries(ofFile).filter(([name]) => names.has(name)));
}

/** Names in `env` that nothing will set: told before anything starts. The edges' variables aren't known yet. */
export function earlyGap(
  { env, needs, fileEnv }: Pick<Filled, "env" | "needs" | "fileEnv">,
  variables: ConfigVariables,
): { readonly entry: string; readonly message: string } | null {
  const prefixes = needs.map((name) => `${variablePrefix(name)}_`);
  const isLater = (name: string) =>
    isOwn(name) ||
    prefixes.some((prefix) => name.startsWith(prefix)) ||
    (needs.length > 0 && (isConventional(name) || /^(services|ConnectionStrings)__|_URL$/.test(name)));
  const found = fillEnv(
    env,
    (name) =>
      variables.shell[name] ?? variables.ofFile[name] ?? fileEnv?.[name] ?? (isLater(name) ? "later" : undefined),
    // Those are checked for themselves, by what the services can have.
    { isService: () => true, lookup: () => "later" },
  );
  if ("env" in found) return null;
  const { entry, name, problem, hint } = found.gap;
  return { entry, message: gapMessage(name, `${problem}. ${hint}`, variables) };
}

const isConventional = (name: string): boolean => EDGE_VARIABLES.some((variable) => variable.name === name);

/** What every service gets of Cove. */
const isOwn = (name: string): boolean => /^(PORT|HOST|COVE_[A-Z_]+|BROWSER|PATH)$/.test(name);
