import type { ExchangeGuess } from "../../../../src/inspect/guess.ts";
import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";

/** A title's first word, and the rest: `POST` and `/orders`. */
export function verbAndRest(title: string): readonly [string, string] {
  const space = title.indexOf(" ");
  return space < 0 ? [title, ""] : [title.slice(0, space), title.slice(space + 1)];
}

/** `0.4 ms`, `38 ms`, `1.24 s`, `2 min`. */
export function took(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** How much of a bar a duration fills, 0 to 1: 1 ms is a sliver, 10 s and more is all of it, ten times as long a fourth more. */
export function barOf(ms: number): number {
  return Math.min(1, Math.max(0.03, Math.log10(1 + ms) / 4));
}

export type Tone = "good" | "moved" | "bad" | "poor" | "open";

/** What an end looks like: `bad` is an error of the service or the network, `poor` one of the client. */
export function toneOf({ ok, protocol, status }: Pick<ExchangeSummary, "ok" | "protocol" | "status">): Tone {
  if (ok === null) return "open";
  if (protocol === "http" && status !== null) {
    if (status.startsWith("3")) return "moved";
    if (status.startsWith("4")) return "poor";
  }
  return ok ? "good" : "bad";
}

/** Whether a note says that something should be better; others only tell. */
export function warns(note: string): boolean {
  return note === "slow" || / times /.test(note);
}

/** A status that has no number says what it is in a word. */
export function statusText({ status, ok }: Pick<ExchangeSummary, "status" | "ok">): string {
  return status ?? (ok === null ? "…" : "—");
}

/** What a guess says at length. */
export function guessHint({ count, orNone, candidates }: ExchangeGuess): string {
  const names = candidates.map(({ short }) => short).join(", ");
  const none = orNone ? "; or under none: the service may have sent it by itself" : "";
  if (count === 1) return `Perhaps under ${names}${none}`;
  return `Under one of ${count} requests that were under way${names === "" ? "" : `: ${names}`}${none}`;
}
