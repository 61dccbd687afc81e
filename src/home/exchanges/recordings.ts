import type { Exchange, HttpExchange } from "../../capture/exchange.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import { type Filter, matchesFilter, parseFilter } from "../../inspect/filter/filter.ts";
import { openRecordings, type Recordings } from "../../inspect/recording/recordings.ts";
import { ownProgram } from "../../own-files/own-files.ts";

const REDACTOR = ownProgram("without-credentials");

type Started = ReturnType<Recordings["start"]>;

/** Recordings as the API has them: by filters as people write them, credentials hidden by default. */
export interface HomeRecordings extends Pick<Recordings, "stop" | "list" | "remove" | "close"> {
  /** Faults: FILTER_INVALID, and those of `Recordings.start`. */
  readonly start: (name: string, filter: string, redact: boolean) => Promise<Awaited<Started>>;
  /** Its HTTP exchanges that match, read page by page as they are taken. Faults: RECORDING_UNKNOWN, FILTER_INVALID. */
  readonly http: (name: string, filter: string) => Promise<AsyncIterable<HttpExchange> | Fault>;
}

export function openHomeRecordings(
  folder: string,
  recorder: Recorder,
  stopped: (fault: Fault) => void,
): HomeRecordings {
  const recordings = openRecordings({ folder, recorder, redactor: REDACTOR, stopped });
  return {
    ...recordings,
    start: async (name, text, redact) => {
      const filter = parseFilter(text);
      if (isFault(filter)) return filter;
      const wanted = (exchange: Exchange) => matchesFilter(filter, exchange);
      return await recordings.start(name, { filter: text, matches: wanted, redact });
    },
    http: async (name, text) => {
      const filter = parseFilter(text);
      if (isFault(filter)) return filter;
      const first = await recordings.read(name, { limit: 1 });
      return isFault(first) ? first : pages(recordings, name, filter);
    },
  };
}

async function* pages(recordings: Recordings, name: string, filter: Filter): AsyncGenerator<HttpExchange> {
  for (let after: number | null = 0; after !== null; ) {
    const page: Awaited<ReturnType<Recordings["read"]>> = await recordings.read(name, { after });
    // Deleted meanwhile: the result ends here.
    if (isFault(page)) return;
    for (const one of page.exchanges) if (one.protocol === "http" && matchesFilter(filter, one)) yield one;
    after = page.next;
  }
}
