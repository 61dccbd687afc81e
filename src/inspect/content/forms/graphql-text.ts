import type { GraphqlView } from "./body-view.ts";

/** Tokens of GraphQL (spec §2.1): block strings, strings, comments, the rest. Commas are blanks. */
const TOKEN =
  /"""(?:[^"]|"(?!""))*(?:"""|$)|"(?:[^"\\\n]|\\.){0,1024}"?|#[^\n\r]*|\.\.\.|[{}()[\]:=!|&@$]|[^\s,{}()[\]:=!|&@$"#.]+|\./g;

const OPERATION = /\b(query|mutation|subscription)\b(?:\s+([A-Za-z_]\w*))?/g;

/** Of a longer one only this much is looked at; it is shown as it stands. */
const MOST = 32 * 1024;

/** The kind and name of the operation that is asked for: the named one, else the first. */
export function operationOf(query: string, named: string | null): { kind: GraphqlView["kind"]; name: string | null } {
  const text = query.slice(0, MOST).replace(/"""(?:[^"]|"(?!""))*"""|"(?:[^"\\\n]|\\.){0,1024}"|#[^\n\r]*/g, "");
  if (/^\s*\{/.test(text)) return { kind: "query", name: null };
  const operations = [...text.matchAll(OPERATION)].map(([, kind, name = null]) => ({
    kind: kind as GraphqlView["kind"],
    name,
  }));
  return operations.find(({ name }) => name === named) ?? operations[0] ?? { kind: null, name: null };
}

/** A query with a line for each field; arguments stay in their line. It may be broken. */
export function layoutGraphql(query: string): string {
  if (query.length > MOST) return query;
  const lines: string[] = [];
  let line = "";
  /** Of braces alone; within parentheses they are values. */
  let depth = 0;
  let round = 0;
  let before = "";
  const close = () => {
    if (!isBlank(line)) lines.push(line.trimEnd());
    line = "  ".repeat(Math.min(depth, 40));
  };
  for (const [token] of query.matchAll(TOKEN)) {
    if (round === 0 && token === "{") {
      line += isBlank(line) ? "{" : " {";
      depth++;
      close();
    } else if (round === 0 && token === "}") {
      depth = Math.max(0, depth - 1);
      close();
      line += "}";
      close();
      if (depth === 0) lines.push("");
    } else if (token.startsWith("#")) {
      if (!isBlank(line)) line += " ";
      line += token;
      close();
    } else {
      // Within a selection a name that doesn't belong to the one before begins a line.
      if (round === 0 && depth > 0 && beginsField(token, before)) close();
      line += gap(before, token, line, round) + token;
      if (token === "(" || token === "[") round++;
      else if (token === ")" || token === "]") round = Math.max(0, round - 1);
    }
    before = token;
  }
  close();
  return lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function beginsField(token: string, before: string): boolean {
  if (token === "...") return true;
  return /^[A-Za-z_]/.test(token) && !/^(?::|@|\$|\.\.\.|on|=)$/.test(before);
}

function gap(before: string, token: string, line: string, round: number): string {
  if (isBlank(line) || /^[)\]:!(]$/.test(token) || /^[([$@]$/.test(before))
    return token === "(" && before === "=" ? " " : "";
  if (before === "...") return token === "on" ? " " : "";
  if (before === ":" || before === "=" || token === "=" || token === "|" || token === "&") return " ";
  if (token === "{" || before === "{" || token === "}") return " ";
  // Commas were dropped as the blanks that they are; between arguments they help to read.
  return round > 0 && !/^[|&]$/.test(before) ? ", " : " ";
}

/** At once: most lines begin with blanks, and have a letter soon. */
function isBlank(line: string): boolean {
  return !/\S/.test(line);
}
