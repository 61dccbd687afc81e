import { defineKind } from "./define.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/**
 * WebSocket messages get lost, whole ones; pings, pongs and closes don't. `probability`, path and method are about the request
 * that opens the WebSocket. It is opened without compression: after a lost message the next ones could not be read.
 */
export interface WsDrop extends HttpCondition {
  readonly kind: "ws-drop";
  /** Share of messages. */
  readonly rate: number;
}

/**
 * Loses a share of `rate` (default: all) of a WebSocket's messages, whole ones, never a ping, pong or close (RFC 6455).
 * `probability` is the share of WebSockets. Throws CoveError (CONDITION_INVALID).
 *
 * @example
 * import { relay, wsDrop } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [wsDrop({ rate: 0.05 })] });
 */
export const wsDrop = defineKind<WsDrop>({
  kind: "ws-drop",
  about: "loses WebSocket messages",
  direction: "both",
  fields: { rate: { type: "share", place: "main", default: 1, about: "share of messages that are lost" }, ...MATCH },
  check: checkMatch,
  harm: ({ rate }) => ({ lose: rate }),
});
