import { type Client, stash } from "../exchange/client.ts";

/** Pipelined or early bytes kept before reading stops. */
const INPUT_MOST = 64 * 1024;
/** Of a request that is held: its body may be edited. */
const HELD_MOST = 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/** Bytes that came before their turn. False: there are so many that reading stops. */
export function keepForLater(client: Client, bytes: Buffer): boolean {
  stash(client, bytes);
  if ((client.input?.length ?? 0) <= (client.held === null ? INPUT_MOST : HELD_MOST)) return true;
  client.paused = true;
  return false;
}

export function resumeReading(client: Client): void {
  if (!client.paused) return;
  client.paused = false;
  client.socket.resume();
}

export function takeInput(client: Client): Buffer {
  const input = client.input ?? NOTHING;
  client.input = null;
  return input;
}
