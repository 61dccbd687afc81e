import type { Exchange } from "../../capture/exchange.ts";
import { fingerprint } from "../../sql/fingerprint.ts";
import { firstTable } from "../../sql/table.ts";
import type { ExchangeSummary } from "../summary.ts";
import { routeOf } from "./route.ts";

/** Characters of a query that are looked at. */
const TEXT_MOST = 4_096;

/** An exchange as the analysis sees it. Times are epoch ms. */
export interface Step {
  readonly summary: ExchangeSummary;
  readonly from: number;
  /** Of one that is under way: now. */
  readonly to: number;
  /** When it was let through, had its connection to the service, and got its first byte; null: not known, or not yet. */
  readonly queued: number | null;
  readonly connected: number | null;
  readonly firstByte: number | null;
  /** The same for exchanges that differ in their values only: `GET /orders/:id`, a statement's fingerprint. */
  readonly like: string;
  /** The table that a statement is about. */
  readonly table: string | null;
  /** It lasts as long as a connection does: nobody waits for its end. */
  readonly isConnection: boolean;
}

export function stepOf(exchange: Exchange, summary: ExchangeSummary, now: number): Step {
  const { at, queued, connected, firstByte, ended } = exchange;
  const after = (ms: number | null) => (ms === null ? null : at + ms);
  return {
    summary,
    from: at,
    to: at + (ended ?? Math.max(0, now - at)),
    ...{ queued: after(queued), connected: after(connected), firstByte: after(firstByte) },
    like: likeOf(exchange),
    table: exchange.protocol === "postgres" ? firstTable(exchange.sql.slice(0, TEXT_MOST)) : null,
    isConnection: exchange.protocol === "tcp" || (exchange.protocol === "http" && exchange.status === 101),
  };
}

/** What exchanges have in common that differ in their values only. */
export function likeOf(exchange: Exchange): string {
  switch (exchange.protocol) {
    case "http":
      return `${exchange.method} ${routeOf(exchange.target)}`;
    case "postgres":
      return String(fingerprint(exchange.sql, TEXT_MOST));
    case "redis":
      return `${exchange.command} ${(exchange.args[0] ?? "").replace(/\d+/g, "*")}`;
    case "tcp":
      return exchange.what;
  }
}
