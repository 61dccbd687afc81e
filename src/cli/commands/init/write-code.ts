import type { Draft } from "./draft.ts";
import type { DraftService } from "./draft-service.ts";

/** cove.config.ts, with a comment at each guess. */
export function codeOf({ services, names }: Pick<Draft, "services" | "names">): string {
  const helpers = [...new Set(services.map(({ kind }) => kind))].sort();
  return [
    '// Written by cove init. Lines with "guessed" deserve a look.',
    `import { ${["defineStack", ...helpers].sort().join(", ")} } from "cove/config";`,
    "",
    "export default defineStack({",
    ...(names === null ? [] : [`  // as in ${names}: db:5432, http://api:3000`, "  names: true,"]),
    "  services: {",
    ...services.flatMap(serviceLines),
    "  },",
    "});",
    "",
  ].join("\n");
}

function serviceLines({ name, kind, command, options, notes }: DraftService): string[] {
  const key = keyOf(name);
  const head = notes.get("") ?? notes.get("command");
  const comment = head === undefined ? [] : [`    // ${head}`];
  const entries = Object.entries(options);
  const first = kind === "postgres" ? [] : [literal(command)];
  if (entries.length === 0) return [...comment, `    ${key}: ${kind}(${first.join("")}),`];
  const open = [...first, "{"].join(", ");
  const lines = entries.flatMap(([option, value]) => {
    const note = notes.get(option);
    return [...(note === undefined ? [] : [`      // ${note}`]), `      ${keyOf(option)}: ${literal(value)},`];
  });
  return [...comment, `    ${key}: ${kind}(${open}`, ...lines, "    }),"];
}

const keyOf = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${keyOf(key)}: ${literal(inner)}`);
  return `{ ${entries.join(", ")} }`;
}
