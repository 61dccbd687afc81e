import { ownAnswer } from "./answer.ts";
import type { Client } from "./client.ts";
import { resumeReading } from "./input.ts";
import { recordOwnAnswer } from "./record.ts";

/** Refuses what is no request. */
export function refuse(client: Client, status: number, reason: string): void {
  const text = ownAnswer(client, "bad-request", { status, reason, host: "", port: client.door.port }, false);
  recordOwnAnswer(client, text, "bad-request");
  lastWords(client, text);
}

/** Sends the last bytes and closes once the client has them: a close with unread input would destroy them (a reset). */
export function lastWords(client: Client, text: string): void {
  client.phase = "closing";
  client.since = performance.now();
  client.input = null;
  client.head = null;
  if (text === "") client.socket.end();
  else client.socket.end(text, "latin1");
  if (client.ended) client.socket.destroySoon();
  resumeReading(client);
}
