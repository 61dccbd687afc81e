import type { Client } from "../exchange/client.ts";
import { ownAnswer } from "../exchange/own-answer.ts";
import { recordOwnAnswer } from "../exchange/record.ts";
import { resumeReading } from "./input.ts";

/** Refuses what is no request. */
export function refuse(client: Client, status: number, reason: string): void {
  const text = ownAnswer(client, "bad-request", { status, reason, host: "", port: client.door.port }, false);
  recordOwnAnswer(client, text, "bad-request");
  closeAfter(client, text);
}

/** Sends the last bytes and closes once the client has them: a close with unread input would destroy them (a reset). */
export function closeAfter(client: Client, text: string): void {
  client.phase = "closing";
  client.since = performance.now();
  client.input = null;
  client.head = null;
  if (text === "") client.socket.end();
  else client.socket.end(text, "latin1");
  if (client.ended) client.socket.destroySoon();
  resumeReading(client);
}
