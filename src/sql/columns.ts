import type { Frame, Reader } from "./reader.ts";
import type { Token } from "./tokens.ts";

/** What the items of VALUES go into: the columns of `(VALUES …) AS v (a, b)`, or of the INSERT around it. */
export function rowColumns(reader: Reader, frame: Frame): readonly string[] | null {
  const { tokens, ends, frames } = reader;
  const end = ends.get(frame.from);
  if (end !== undefined) {
    const named = tokens[end + 1]?.text === "as" ? end + 2 : end + 1;
    if (tokens[named + 1]?.text === "(") {
      const columns = namesIn(tokens, named + 2, ends.get(named + 1) ?? named + 2);
      const inserted = frames.findLast(({ insert }) => insert !== null)?.insert ?? null;
      return inserted === null ? columns : columns.map((name, n) => inserted[n] ?? name);
    }
  }
  return frame.insert ?? frames.findLast(({ insert }) => insert !== null)?.insert ?? null;
}

/** Reads `table [AS alias] [(columns)]`; returns where it ends. */
export function insertInto(reader: Reader, frame: Frame, from: number): number {
  const { tokens, ends } = reader;
  let at = from;
  while (tokens[at + 1]?.text === "." && tokens[at + 1]?.kind === "sign") at += 2;
  reader.table = tokens[at]?.text ?? null;
  at++;
  if (tokens[at]?.text === "as") at += 2;
  if (tokens[at]?.text !== "(" || tokens[at + 1]?.text === "select") {
    reader.blind ||= tokens[at]?.text !== "default";
    return at;
  }
  const end = ends.get(at) ?? tokens.length;
  frame.insert = namesIn(tokens, at + 1, end);
  reader.names.push(...frame.insert);
  return end + 1;
}

function namesIn(tokens: readonly Token[], from: number, to: number): string[] {
  const names: string[] = [];
  for (let at = from; at < to; at++) {
    const token = tokens[at];
    if (token?.kind === "word" || token?.kind === "name") names.push(token.text);
  }
  return names;
}

export function columnsFor(
  { frames }: Reader,
  frame: Frame,
  call: string | null,
  before: Token | undefined,
): readonly string[] | null {
  if (call === "unnest") return frames.findLast(({ insert }) => insert !== null)?.insert ?? null;
  if (call !== null) return null;
  if (frame.part === "values") return frame.rows;
  if (frame.segment.row !== null && before?.text !== "(") return frame.segment.row;
  // The rows of `(a, b) IN ((1, 2), (3, 4))`.
  return frame.segment.tokens === 1 ? frame.columns : null;
}
