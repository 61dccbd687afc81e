import type { Snapshot } from "../../../../src/home/view/view.ts";

/** One completion. */
export interface Completion {
  /** What the word becomes. */
  readonly text: string;
  readonly says: string;
}

export interface Completions {
  readonly options: readonly Completion[];
  /** The word that they stand for, as places in the text. */
  readonly from: number;
  readonly to: number;
}

const KEYS: readonly Completion[] = [
  { text: "status:", says: "500, 4xx, >=400, error" },
  { text: "path:", says: "/orders*" },
  { text: "method:", says: "GET, POST, …" },
  { text: "edge:", says: "web→api" },
  { text: "service:", says: "who was asked" },
  { text: "from:", says: "who asked" },
  { text: "to:", says: "who was asked" },
  { text: "host:", says: "by the Host header" },
  { text: "stack:", says: "of one stack" },
  { text: "folder:", says: "of one project" },
  { text: "is:", says: "slow, error, websocket, …" },
  { text: "ms:", says: ">200" },
  { text: "size:", says: ">10KB" },
  { text: "type:", says: "json, html, image" },
  { text: "protocol:", says: "http, postgres, redis, tcp" },
  { text: "link:", says: "how sure its place in a trace is" },
  { text: "trace:", says: "all of one trace" },
];

const VALUES: Readonly<Record<string, readonly Completion[]>> = {
  status: [
    { text: "error", says: "4xx, 5xx and failures" },
    { text: "2xx", says: "went well" },
    { text: "3xx", says: "elsewhere, or not modified" },
    { text: "4xx", says: "the client's mistakes" },
    { text: "5xx", says: "the service's mistakes" },
    { text: "pending", says: "under way" },
  ],
  method: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"].map((text) => ({ text, says: "" })),
  is: [
    { text: "error", says: "did not go well" },
    { text: "slow", says: "took longer than it should" },
    { text: "repeated", says: "the same many times in a trace" },
    { text: "websocket", says: "conversations" },
    { text: "held", says: "waits at a breakpoint" },
    { text: "replay", says: "said again from here" },
  ],
  ms: [">100", ">500", ">1000"].map((text) => ({ text, says: "" })),
  size: [">10KB", ">100KB", ">1MB"].map((text) => ({ text, says: "" })),
  type: ["json", "html", "javascript", "css", "image", "text"].map((text) => ({ text, says: "" })),
  link: [
    { text: "header", says: "by its traceparent" },
    { text: "exact", says: "by its sender's report" },
    { text: "alone", says: "one request was under way" },
    { text: "likely", says: "a guess: one of several" },
    { text: "none", says: "began a trace" },
  ],
  protocol: ["http", "websocket", "postgres", "redis", "tcp"].map((text) => ({ text, says: "" })),
};

/** More would hide the list. */
const MOST = 9;

/** How the word at the caret could go on: a key, or one of the values that are known here. */
export function complete(text: string, caret: number, snapshot: Snapshot | null): Completions {
  const from = text.lastIndexOf(" ", caret - 1) + 1;
  const end = text.indexOf(" ", caret);
  const to = end < 0 ? text.length : end;
  const word = text.slice(from, caret);
  // Within quotes it is plain text.
  if ((text.slice(0, from).split('"').length - 1) % 2 === 1 || word.includes('"')) return { options: [], from, to };
  const sign = word.startsWith("-") ? "-" : "";
  const colon = word.indexOf(":");
  if (colon < 0) {
    const typed = word.slice(sign.length).toLowerCase();
    const options = KEYS.filter(({ text: key }) => key.startsWith(typed)).map(({ text: key, says }) => ({
      text: sign + key,
      says,
    }));
    return { options: options.slice(0, MOST), from, to };
  }
  const key = word.slice(sign.length, colon).toLowerCase();
  const comma = word.lastIndexOf(",");
  const before = word.slice(0, Math.max(colon, comma) + 1);
  const typed = word.slice(before.length).toLowerCase();
  const values = VALUES[key] ?? known(key, snapshot);
  const options = values
    .filter(({ text: value }) => value.toLowerCase().includes(typed) && value.toLowerCase() !== typed)
    .map(({ text: value, says }) => ({ text: before + value, says }));
  return { options: options.slice(0, MOST), from, to };
}

function known(key: string, snapshot: Snapshot | null): readonly Completion[] {
  const stacks = snapshot?.stacks ?? [];
  const of = (names: readonly string[]) => [...new Set(names)].map((text) => ({ text, says: "" }));
  if (key === "edge") return of(stacks.flatMap(({ edges }) => edges.map(({ id }) => id)));
  if (key === "folder") return of(stacks.map(({ root }) => (/[\s,"]/.test(root) ? JSON.stringify(root) : root)));
  if (key === "stack") return of(stacks.map(({ name }) => name));
  if (key === "service" || key === "to") return of(stacks.flatMap(({ services }) => services.map(({ name }) => name)));
  if (key === "from") return of(stacks.flatMap(({ edges }) => edges.map(({ from }) => from)));
  return [];
}

/** The text with a word of it replaced, and where the caret goes: behind a key its value follows, behind a value a space. */
export function accept(
  text: string,
  { from, to }: Completions,
  { text: word }: Completion,
): { readonly text: string; readonly caret: number } {
  const rest = text.slice(to).trimStart();
  const gap = rest !== "" || !word.endsWith(":") ? " " : "";
  const caret = from + word.length + (word.endsWith(":") ? 0 : 1);
  return { text: `${text.slice(0, from)}${word}${gap}${rest}`, caret };
}

/** The filter with a word added, or without it where it is there already. */
export function toggleWord(filter: string, word: string): string {
  const words = filter.split(/\s+/).filter((one) => one !== "");
  return (words.includes(word) ? words.filter((one) => one !== word) : [...words, word]).join(" ");
}

export function hasWord(filter: string, word: string): boolean {
  return filter.split(/\s+/).includes(word);
}
