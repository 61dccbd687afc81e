import type { Readable } from "node:stream";
import { type Fault, isFault } from "../../fault/fault.ts";
import type { HarImport } from "../../inspect/har/read.ts";
import { call, refusedBy, send, unreachable } from "./call.ts";
import type { HomeClient } from "./client.ts";

/** An archive of what home keeps takes its time, ms. */
const TIMEOUT = 60_000;

/** What goes into an archive. */
export interface HarRequest {
  /** As `cove watch` takes it; empty: all. */
  readonly filter: string;
  /** Credentials as they are. */
  readonly reveal: boolean;
  /** Of this recording instead of what is kept. */
  readonly recording?: string;
}

/** HTTP archives (HAR 1.2), out and in. */
export interface HarClient {
  /** The archive's bytes, as they come. */
  readonly export: (wanted: HarRequest) => Promise<Readable | Fault>;
  /** Takes an archive's JSON as it is. `name` is shown with its exchanges. Faults: HAR_INVALID. */
  readonly import: (name: string, json: Buffer) => Promise<HarImport | Fault>;
}

export function harOf({ address }: HomeClient): HarClient {
  return {
    export: async ({ filter, reveal, recording }) => {
      const query = new URLSearchParams({
        ...{ filter, reveal: reveal ? "1" : "0" },
        ...(recording !== undefined && { recording }),
      });
      const response = await send(address, "GET", `/api/v1/har?${query}`, { timeout: TIMEOUT });
      if (response === null) return unreachable("home is not running any more");
      if (isFault(response)) return response;
      return (response.statusCode ?? 500) >= 400 ? await refusedBy(response) : response;
    },
    import: (name, json) =>
      call(address, "POST", `/api/v1/har?name=${encodeURIComponent(name)}`, { json, timeout: TIMEOUT }),
  };
}
