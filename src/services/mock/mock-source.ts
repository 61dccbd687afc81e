import { basename } from "node:path";
import type { Exchange, HttpExchange } from "../../capture/exchange.ts";
import { createRecorder } from "../../capture/recorder.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { importHarText } from "../../inspect/har/import.ts";
import { readRecording } from "../../inspect/recording/read-recording.ts";
import { isUnreadable, readUserText } from "../../text/user-text.ts";

/** Requests of an archive that are answered from. */
const MOST = 1_000_000;

/** What a mock answers from. */
export interface MockSource {
  /** `recording checkout`. */
  readonly label: string;
  /** What to do so that it answers more requests. */
  readonly more: string;
  /** The service that it stands for. */
  readonly service: string;
  readonly exchanges: readonly HttpExchange[];
}

export interface MockSourceOptions {
  /** The state folder. */
  readonly folder: string;
  /** A recording's name, or the absolute path of an HTTP archive (`.har`). */
  readonly from: string;
  /** Undefined: the only one that is in it. */
  readonly service?: string | undefined;
}

/**
 * Finds the HTTP exchanges of one service in a recording. Faults: RECORDING_UNKNOWN, SERVICE_UNKNOWN, USAGE where the
 * recording has several services and none is named.
 */
export function mockSource({ folder, from, service }: MockSourceOptions): MockSource | Fault {
  const said = from.toLowerCase().endsWith(".har") ? archived(from) : recorded(folder, from);
  if (isFault(said)) return said;
  const { label, more, exchanges } = said;
  const counts = new Map<string, number>();
  for (const { edge } of exchanges) counts.set(edge.to, (counts.get(edge.to) ?? 0) + 1);
  const [only, ...others] = counts.keys();
  const list = [...counts].map(([name, count]) => `${name} (${count})`).join(", ");
  if (only === undefined)
    return fault("NOT_RECORDED", `${label} has no HTTP exchanges`, "record the service while it is used");
  if (service !== undefined && !counts.has(service))
    return fault("SERVICE_UNKNOWN", `${label} has nothing of ${service}`, `it has: ${list}`);
  if (service === undefined && others.length > 0)
    return fault("USAGE", `${label} has several services: ${list}`, `say which one to answer for: --service ${only}`);
  const chosen = service ?? only;
  return { label, more, service: chosen, exchanges: exchanges.filter(({ edge }) => edge.to === chosen) };
}

/** All HTTP exchanges of a recording. A source of another kind is another such function. */
function recorded(folder: string, name: string): Omit<MockSource, "service"> | Fault {
  const exchanges = readRecording(folder, name, isHttp);
  if (isFault(exchanges)) return exchanges;
  return {
    label: `recording ${name}`,
    more: `record it under the same name, and start the mock again: ${name} continues where it ended`,
    exchanges,
  };
}

/** All requests of an HTTP archive; the service is the host that was asked. */
function archived(file: string): Omit<MockSource, "service"> | Fault {
  const text = readText(file);
  if (isFault(text)) return text;
  const { ring, ...rest } = createRecorder({ bounds: { exchanges: MOST, bytes: Number.POSITIVE_INFINITY } });
  const read = importHarText(text, file, { ring, ...rest }, MOST);
  if (isFault(read)) return read;
  const exchanges: HttpExchange[] = [];
  for (let seq = ring.oldest(); seq <= ring.newest(); seq++) {
    const exchange = ring.get(seq);
    if (exchange !== undefined && isHttp(exchange)) exchanges.push(exchange);
  }
  return {
    label:
      read.skipped === 0 ? basename(file) : `${basename(file)} (without ${read.skipped} entries: ${read.reasons[0]})`,
    more: "save an archive with more requests in it, and start the mock again",
    exchanges,
  };
}

function readText(file: string): string | Fault {
  const text = readUserText(file);
  return isUnreadable(text) ? fault("HAR_INVALID", `${file} ${text.unreadable}`, "name a file that is there") : text;
}

function isHttp(exchange: Exchange): exchange is HttpExchange {
  return exchange.protocol === "http";
}
