import type { PostgresExchange } from "../exchange.ts";
import type { Fields } from "./postgres-bodies.ts";

/** A prepared statement, as its Parse had it and its Describe answered. */
export interface Statement {
  readonly name: string;
  readonly sql: string;
  /** Of its parameters; 0: not known. */
  oids: readonly number[];
  fields: Fields | null;
  /** Its text was charged to an exchange. */
  charged: boolean;
}

/** A statement with its parameters bound. */
export interface Portal {
  readonly statement: Statement;
  readonly params: readonly (string | null)[];
  readonly formats: readonly number[] | null;
  /** Bytes to charge to the first exchange that runs it. */
  cost: number;
  fields: Fields | null;
}

/** A message of the consumer that the server has still to answer. */
export interface Expected {
  readonly kind: "query" | "parse" | "bind" | "describe" | "close" | "execute" | "sync" | "function";
  /** When it was sent. */
  readonly clock: number;
  readonly statement: Statement | null;
  readonly portal: Portal | null;
  /** What runs now; null: nothing, or nothing yet. */
  exchange: PostgresExchange | null;
  /** Statements of a simple query that come after. */
  readonly rest: string[];
  /** Bytes of rows that may still be kept. */
  room: number;
  fields: Fields | null;
  /** When the statement before it in the same query was done. */
  since: number;
}

/** More than that waits nowhere. */
const MOST = 200_000;

/** First in, first out, without moving what is in it for each one that leaves. */
export interface Queue {
  /** False: it is full. */
  readonly push: (one: Expected) => boolean;
  readonly first: () => Expected | undefined;
  readonly shift: () => void;
  readonly all: () => readonly Expected[];
  readonly clear: () => void;
}

export function newQueue(): Queue {
  let items: Expected[] = [];
  let at = 0;
  return {
    push: (one) => items.push(one) - at <= MOST,
    first: () => items[at],
    shift: () => {
      at++;
      if (at === items.length) {
        items.length = 0;
        at = 0;
      } else if (at > 1_000 && at * 2 > items.length) {
        items = items.slice(at);
        at = 0;
      }
    },
    all: () => items.slice(at),
    clear: () => {
      items = [];
      at = 0;
    },
  };
}
