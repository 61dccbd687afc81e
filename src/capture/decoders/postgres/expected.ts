import type { PostgresExchange } from "../../exchange.ts";
import type { TraceLink } from "../../trace-link.ts";
import type { Fields } from "./bodies.ts";

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
  /** In what the consumer sent. */
  readonly offset: number;
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
  /** Where the first of its statements belongs: the others belong there too. */
  readonly trace: TraceLink | undefined;
}
