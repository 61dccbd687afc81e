import { didYouMean } from "../../fault/spelling.ts";
import { FACTS, familyOf, isPublicFact } from "../../services/kind/edge-facts.ts";
import type { AnyKind, ReadyProbe } from "../../services/kind/kind.ts";
import { type FactReference, factsNamedIn } from "../../text/fill-in.ts";
import type { ConfigProblem, KeyPath } from "../config/source.ts";

/** The check of `${db.host}` before anything starts. */

/** What of a planned service is checked. */
interface Checked {
  readonly name: string;
  readonly kind: AnyKind;
  readonly options: unknown;
  readonly needs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ready: ReadyProbe;
}

/** What can't be: services that aren't there or aren't needed, facts that a service can't have. */
export function referenceProblems(services: readonly Checked[]): ConfigProblem[] {
  const isService = (name: string) => services.some((service) => service.name === name);
  return services.flatMap((service) =>
    textsOf(service).flatMap(({ path, text }) =>
      factsNamedIn(text, isService).flatMap((reference): ConfigProblem[] => {
        const message = problemWith(reference, service, services);
        return message === null ? [] : [{ path, message: `names \${${shown(reference)}}, but ${message}` }];
      }),
    ),
  );
}

/** Where references may stand. */
function textsOf({ name, kind, options, env, ready }: Checked): { path: KeyPath; text: string }[] {
  const at = ["services", name];
  return [
    ...Object.entries(env).map(([entry, text]) => ({ path: [...at, "env", entry], text })),
    { path: [...at, kind.name], text: commandText(options) },
    ...(ready.type === "command" ? [{ path: [...at, "ready"], text: ready.command }] : []),
  ];
}

/** The command line among a kind's options; other texts were filled in with the config. */
function commandText(options: unknown): string {
  const given = typeof options === "object" && options !== null && "command" in options ? options.command : "";
  return Array.isArray(given) ? given.join("\n") : String(given);
}

function problemWith({ service, fact }: FactReference, by: Checked, services: readonly Checked[]): string | null {
  const target = services.find(({ name }) => name === service);
  if (target === undefined) {
    const others = services.map(({ name }) => name).filter((name) => name !== by.name);
    const there = others.length === 0 ? "" : `; there are ${others.join(", ")}`;
    return `there is no service ${service}${didYouMean(service, others) || there}`;
  }
  const facts: readonly string[] = FACTS[familyOf(target.kind, target.options)].filter(isPublicFact);
  // The door's names are known without an edge, so two services may name each other's.
  if (fact === "door" && facts.includes(fact)) return null;
  if (service === by.name) return "that is the service itself; it has PORT, HOST and COVE_URL";
  if (!by.needs.includes(service)) {
    return `${by.name} doesn't need ${service}; write needs: [${[...by.needs, service].join(", ")}]`;
  }
  if (facts.includes(fact)) return null;
  return `${service} has no ${fact}; it has ${facts.join(", ")}${didYouMean(fact, facts)}`;
}

const shown = ({ service, fact }: FactReference): string => `${service}.${fact}`;
