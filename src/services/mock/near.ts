import { keptBytes } from "../../capture/body.ts";
import { firstDifference } from "./difference.ts";
import { type Asked, bodyFormOf, keyOf, type RequestKey, type Variant } from "./request-key.ts";

/** A recorded request that is much like one that has no answer. */
export interface Near {
  readonly method: string;
  readonly target: string;
  readonly status: number | null;
  /** What is different: `the query: page is 2 here, 1 there`. */
  readonly why: string;
}

const MOST = 3;

/** The nearest first: another body, another query, another method, a path that is much the same. */
export function nearestTo(asked: Asked, recorded: Iterable<readonly Variant[]>): Near[] {
  const key = keyOf(asked);
  const found: { far: number; variant: Variant }[] = [];
  for (const variants of recorded) {
    const [first] = variants;
    if (first === undefined) continue;
    const far = distance(key, first.key);
    if (far < 4) for (const variant of variants.slice(0, MOST)) found.push({ far, variant });
  }
  return found
    .sort((a, b) => a.far - b.far)
    .slice(0, MOST)
    .map(({ variant }) => ({
      method: variant.key.method,
      target: variant.sample.target,
      status: variant.status,
      why: difference(asked, key, variant),
    }));
}

/** 0: only the body; under 1: only the query; 1 to 2: the method; 2 to 4: the path; 4: nothing in common. */
function distance(a: RequestKey, b: RequestKey): number {
  if (a.path !== b.path) return 2 + pathDistance(a.path, b.path) * 2;
  if (a.method !== b.method) return 1;
  const [ours, theirs] = [a.query.map(String), b.query.map(String)];
  const common = ours.filter((one) => theirs.includes(one)).length;
  const all = Math.max(ours.length, theirs.length);
  return all === 0 ? 0 : (1 - common / all) * 0.9;
}

/** Share of a path's parts that differ: 0 to 1. */
function pathDistance(a: string, b: string): number {
  const [ours, theirs] = [a.split("/").slice(1), b.split("/").slice(1)];
  const same = ours.filter((part, n) => part === theirs[n]).length;
  return 1 - same / Math.max(ours.length, theirs.length);
}

function difference(asked: Asked, key: RequestKey, { key: other, sample }: Variant): string {
  if (key.path !== other.path) return `the path is ${key.path} here, ${other.path} there`;
  if (key.method !== other.method) return `the method is ${key.method} here, ${other.method} there`;
  const query = queryDifference(key, other);
  return query === null ? `the body: ${bodyDifference(asked, sample)}` : `the query: ${query}`;
}

function queryDifference(a: RequestKey, b: RequestKey): string | null {
  const [ours, theirs] = [valuesOf(a), valuesOf(b)];
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    const [here, there] = [ours.get(name), theirs.get(name)];
    if (here === there) continue;
    if (here === undefined) return `${name}=${there} is there, not here`;
    if (there === undefined) return `${name}=${here} is here, not there`;
    return `${name} is ${here} here, ${there} there`;
  }
  return null;
}

function valuesOf({ query }: RequestKey): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of query) values.set(name, values.has(name) ? `${values.get(name)},${value}` : value);
  return values;
}

function bodyDifference(asked: Asked, sample: Asked): string {
  const [here, there] = [bodyFormOf(asked), bodyFormOf(sample)];
  if (here.form === "none") return "there is none here";
  if (there.form === "none") return "there is none there";
  if (here.form === "json" && there.form === "json")
    return firstDifference(JSON.parse(here.text), JSON.parse(there.text)) ?? "it is the same";
  if (here.form === "fields" && there.form === "fields") {
    const fields = (text: string): RequestKey => ({ method: "", path: "", query: [...new URLSearchParams(text)] });
    return queryDifference(fields(here.text), fields(there.text)) ?? "its fields' order";
  }
  const [ours, theirs] = [keptBytes(asked.requestBody), keptBytes(sample.requestBody)];
  const length = Math.min(ours.length, theirs.length);
  let at = 0;
  while (at < length && ours[at] === theirs[at]) at++;
  return `it differs from byte ${at} on; ${asked.requestBody?.size ?? 0} bytes here, ${sample.requestBody?.size ?? 0} there`;
}
