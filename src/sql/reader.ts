import type { Token } from "./tokens.ts";

/** A value in a statement: a literal, or where a parameter stands. */
export interface SqlValue {
  readonly token: Token;
  /**
   * What says what it is, the closest: the column that it is put into or compared with, a path in JSON, an alias. Empty:
   * nothing does.
   */
  names: readonly string[];
  /** The functions that it is given to, from the innermost. */
  readonly calls: string[];
  /** The string that is given before it, where that may be a key: `jsonb_build_object('password', $1)`. */
  key: string | null;
}

/** A part of a statement between two boundaries: an item of a list, one side of an AND. */
export interface Segment {
  readonly names: string[];
  /** Values that no name inside their own parentheses was found for. */
  readonly open: SqlValue[];
  readonly of: "expression" | "tables" | "numbers";
  /** `(a, b)` of `(a, b) = (…)`. */
  row: readonly string[] | null;
  between: boolean;
  alias: string | null;
  star: boolean;
  tokens: number;
  /** The only token so far, where it is a string. */
  string: Token | null;
}

/** What stands in parentheses, or from CASE to END; the whole statement is one, too. */
export interface Frame {
  readonly isCase: boolean;
  /** Where its parenthesis stands; -1: none. */
  readonly from: number;
  readonly call: string | null;
  /** What its items are put into or compared with, by place. */
  readonly columns: readonly string[] | null;
  /** It holds the rows of VALUES: each row's items go by these. */
  rows: readonly string[] | null;
  /** Of an INSERT that stands in it. */
  insert: readonly string[] | null;
  part: "select" | "values" | "other";
  segment: Segment;
  index: number;
  readonly names: string[];
  readonly left: SqlValue[];
  /** The item before was this string: a key, maybe. */
  key: string | null;
  /** `items`: the names of each item in its first list of SELECT or RETURNING. */
  items: (readonly string[])[] | null;
  star: boolean;
  itemsDone: boolean;
}

export interface Reader {
  readonly tokens: readonly Token[];
  /** For each opening parenthesis the place of its end. */
  readonly ends: ReadonlyMap<number, number>;
  readonly frames: Frame[];
  readonly values: SqlValue[];
  readonly names: string[];
  readonly aliases: { alias: string; of: readonly string[] }[];
  table: string | null;
  blind: boolean;
}

export function endsOf(tokens: readonly Token[]): Map<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (const [at, { kind, text }] of tokens.entries()) {
    if (kind !== "sign") continue;
    if (text === "(") open.push(at);
    else if (text === ")") {
      const from = open.pop();
      if (from !== undefined) ends.set(from, at);
    }
  }
  return ends;
}

export function newSegment(of: Segment["of"] = "expression"): Segment {
  return { names: [], open: [], of, row: null, between: false, alias: null, star: false, tokens: 0, string: null };
}

export function newFrame(from: number, isCase: boolean, call: string | null, columns: readonly string[] | null): Frame {
  return {
    ...{ from, isCase, call, columns, rows: null, insert: null, part: "other", segment: newSegment(), index: 0 },
    ...{ names: [], left: [], key: null, items: null, star: false, itemsDone: false },
  };
}

export const top = ({ frames }: Reader): Frame => frames.at(-1) as Frame;
