import { GOES_ON } from "../../http1/chunks.ts";
import type { Client } from "./client.ts";
import { recordRequestBody } from "./record.ts";

/** How far the body reaches within `bytes`: its end, GOES_ON, or BROKEN. */
export function bodyWithin(client: Client, bytes: Buffer, from: number): number {
  const { exchange } = client;
  if (client.bodyChunks !== null) {
    const data =
      exchange === null
        ? undefined
        : (start: number, end: number) => recordRequestBody(client, exchange, bytes, start, end);
    const end = client.bodyChunks.scan(bytes, from, bytes.length, data);
    if (end >= 0) client.bodyDone = true;
    return end;
  }
  const there = bytes.length - from;
  if (exchange !== null) recordRequestBody(client, exchange, bytes, from, from + Math.min(there, client.bodyLeft));
  if (there < client.bodyLeft) {
    client.bodyLeft -= there;
    return GOES_ON;
  }
  const end = from + client.bodyLeft;
  client.bodyLeft = 0;
  client.bodyDone = true;
  return end;
}
