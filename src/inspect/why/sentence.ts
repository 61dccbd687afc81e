import type { ExchangeSummary } from "../summary.ts";
import type { Guesses } from "./guesses.ts";
import type { Part } from "./parts.ts";
import type { Usual } from "./usual.ts";

/** Characters of a title in a sentence. */
const TITLE_MOST = 60;
/** A sentence names no more parts once it has told of this share of the whole. */
const ENOUGH = 0.8;
/** A part of one edge stands for the edge where it is this much of it. */
const MOST_OF_EDGE = 0.6;
/** A guess is told of from this share of the whole on. */
const GUESS_LEAST = 0.1;

/** What a sentence tells of one thing: its time, and what it is. */
interface Clause {
  readonly ms: number;
  readonly text: string;
}

/** `212 of 230 ms in 31 identical queries of api → db: N+1 of `orders``. */
export function sentenceOf(
  { ms, ok, error, status }: ExchangeSummary,
  whole: number,
  parts: readonly Part[],
  guesses: readonly Guesses[],
): string {
  const told: Clause[] = [];
  let sum = 0;
  for (const clause of clausesOf(parts)) {
    if (sum >= whole * ENOUGH || told.length === 2 || clause.ms < whole * 0.05) break;
    told.push(clause);
    sum += clause.ms;
  }
  const [first, second] = told;
  const texts = [
    first === undefined ? `${durationText(whole)} in all` : `${ofWhole(first.ms, whole)} ${first.text}`,
    ...(second === undefined ? [] : [`${durationText(second.ms)} ${second.text}`]),
  ];
  const [guess] = guesses;
  if (guess !== undefined && guess.ms >= whole * GUESS_LEAST) {
    const many = `${guess.count} ${nounOf(guess.protocol, guess.count)} of ${edgeText(guess.edge)}`;
    texts.push(`perhaps ${durationText(guess.ms)} of it in ${many} that may be another request's`);
  }
  const text = texts.join(", ");
  if (ms === null) return `still under way: ${text}`;
  if (ok !== false) return text;
  return `failed (${error?.code ?? status ?? "error"}): ${text}`;
}

/** By edge and by service's own time, the longest first. */
function clausesOf(parts: readonly Part[]): Clause[] {
  const edges = new Map<string, Part[]>();
  const clauses: Clause[] = [];
  for (const part of parts) {
    if (part.kind !== "call") clauses.push({ ms: part.ms, text: ownText(part) });
    else edges.set(part.edge, [...(edges.get(part.edge) ?? []), part]);
  }
  for (const [edge, calls] of edges) {
    const ms = calls.reduce((sum, part) => sum + part.ms, 0);
    const [first] = calls;
    if (first === undefined) continue;
    if (first.ms >= ms * MOST_OF_EDGE) clauses.push({ ms: first.ms, text: callsText(first) });
    else {
      const count = calls.reduce((sum, part) => sum + part.count, 0);
      const many = `in ${count} ${nounOf(first.protocol, count)} of ${edgeText(edge)}`;
      clauses.push({ ms, text: `${many}, ${durationText(first.ms)} of it: ${titleText(first)}` });
    }
  }
  return clauses.sort((a, b) => b.ms - a.ms);
}

/** `in 31 identical queries of api → db: N+1 of `orders``. */
export function callsText(part: Part): string {
  const { count, protocol, edge, nPlusOne, table, failed } = part;
  const noun = nounOf(protocol, count);
  const many = count === 1 ? `in one ${noun}` : `in ${count} identical ${noun}`;
  const where = `${many} of ${edgeText(edge)}`;
  const broken = failed === 0 ? "" : count === 1 ? " that failed" : `, ${failed} of which failed`;
  if (nPlusOne) return `${where}${broken}: N+1${table === null ? "" : ` of \`${table}\``}`;
  return `${where}${broken}: ${titleText(part)}`;
}

/** Of a service's own time, or of what passed before it had the request. */
export function ownText({ kind, to, protocol }: Pick<Part, "kind" | "to" | "protocol">): string {
  switch (kind) {
    case "queued":
      return `before ${to} got it: it was starting, or the request was held`;
    case "connect":
      return `until a connection to ${to} stood`;
    case "answer":
      return `after the first byte of ${to}'s answer`;
    default:
      return protocol === "http" ? `in ${to} itself, with no call under way that Cove saw` : `in ${to} itself`;
  }
}

/** `usually 18 ms (p50 of 42): 9.0 ms in 1 query of api → db`. */
export function usualText({ ms, of, differences }: Usual): string {
  const usually = `usually ${durationText(ms)} (p50 of ${of})`;
  const [first] = differences;
  if (first === undefined) return usually;
  const { part, usualMs, usualCount } = first;
  if (part.kind !== "call") return usualCount === 0 ? usually : `${usually}: ${durationText(usualMs)} ${ownText(part)}`;
  if (usualCount === 0) return `${usually}: without ${titleText(part)} of ${edgeText(part.edge)}`;
  const many = `${usualCount} ${nounOf(part.protocol, usualCount)} of ${edgeText(part.edge)}`;
  return `${usually}: ${durationText(usualMs)} in ${many}, not ${durationText(first.ms)} in ${first.count}`;
}

function nounOf(protocol: Part["protocol"], count: number): string {
  const [one, many] = NOUNS[protocol];
  return count === 1 ? one : many;
}

const NOUNS: Readonly<Record<Part["protocol"], readonly [string, string]>> = {
  http: ["request", "requests"],
  postgres: ["query", "queries"],
  redis: ["command", "commands"],
  tcp: ["connection", "connections"],
};

function titleText({ title }: Pick<Part, "title">): string {
  return title.length > TITLE_MOST ? `${title.slice(0, TITLE_MOST - 1)}…` : title;
}

/** `api → db`. */
function edgeText(edge: string): string {
  return edge.replace("→", " → ");
}

/** `212 of 230 ms`, `0.4 of 12 s`; both in the whole's unit where that says enough. */
function ofWhole(ms: number, whole: number): string {
  const [part, unit] = durationText(ms).split(" ");
  const [all, unitOfAll] = durationText(whole).split(" ");
  return unit === unitOfAll ? `${part} of ${all} ${unit}` : `${part} ${unit} of ${all} ${unitOfAll}`;
}

/** `0.8 ms`, `12 ms`, `1.4 s`. */
function durationText(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
