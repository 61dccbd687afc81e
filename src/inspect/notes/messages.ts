import type { Note } from "../summary.ts";

/** `34 messages`: what a WebSocket carried. */
export const messages: Note = (exchange) => {
  if (exchange.protocol !== "http" || exchange.messages === null) return null;
  const { total } = exchange.messages;
  return total === 1 ? "1 message" : `${total.toLocaleString("en-US")} messages`;
};
