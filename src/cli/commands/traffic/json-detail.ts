import type { ExchangeDetail } from "../../../inspect/detail.ts";
import type { ExchangeSummary } from "../../../inspect/summary.ts";

/** An exchange as `cove show --json` prints it: spans by the names that times have in all of Cove's JSON. */
export function jsonDetail(detail: ExchangeDetail, trace: readonly ExchangeSummary[]) {
  const { timing, http, ...rest } = detail;
  return {
    ...rest,
    timing: {
      queuedMs: timing.queued,
      connectedMs: timing.connected,
      firstByteMs: timing.firstByte,
      endedMs: timing.ended,
    },
    http:
      http?.messages == null
        ? http
        : {
            ...http,
            messages: {
              ...http.messages,
              kept: http.messages.kept.map(({ at: afterMs, ...one }) => ({ ...one, afterMs })),
            },
          },
    trace,
  };
}
