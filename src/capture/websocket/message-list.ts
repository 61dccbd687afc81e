import type { HttpExchange, Message } from "../exchange.ts";
import type { Recorder } from "../recorder.ts";

/** Messages of one exchange that are kept. */
const KEPT_MOST = 1_000;
/** What their payloads may take together, bytes: one chatty socket doesn't push all else out of the ring. */
const BYTES_MOST = 8 * 1024 * 1024;
/** What a message costs beside its payload, bytes. */
const BASE = 160;

/** The messages of an exchange, the last ones kept. */
export interface MessageList {
  /** Adds one. What is in it may become known later: `fill`. */
  readonly add: (message: Message) => void;
  readonly fill: (message: Message, size: number, data: Buffer) => void;
}

export function messageList(recorder: Recorder, exchange: HttpExchange): MessageList {
  const kept: Message[] = [];
  const messages = { kept, total: 0 };
  exchange.messages = messages;
  let bytes = 0;
  /** Bytes charged to the ring: they aren't given back, as the exchange grows to them again. */
  let charged = 0;

  function dropFirst(): void {
    const gone = kept.shift();
    if (gone !== undefined) bytes -= BASE + gone.data.length;
  }

  function bound(): void {
    // An exchange that left the ring is seen by nobody, and no bound holds for it: it keeps nothing.
    if (recorder.ring.get(exchange.seq) !== exchange) {
      kept.length = 0;
      bytes = 0;
      return;
    }
    while (kept.length > KEPT_MOST || (bytes > BYTES_MOST && kept.length > 1)) dropFirst();
    const more = Math.max(0, bytes - charged);
    charged += more;
    recorder.grew(exchange, more);
  }

  return {
    add: (message) => {
      messages.total++;
      kept.push(message);
      bytes += BASE + message.data.length;
      bound();
    },
    fill: (message, size, data) => {
      const at = kept.lastIndexOf(message);
      if (at === -1) return;
      kept[at] = { ...message, size, data };
      bytes += data.length - message.data.length;
      bound();
    },
  };
}
