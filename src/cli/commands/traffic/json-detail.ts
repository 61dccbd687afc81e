import type { TraceAnswer } from "../../../home/client/traffic-client.ts";
import type { ExchangeDetail } from "../../../inspect/detail.ts";

/** An exchange as `cove show --json` prints it: spans by the names that times have in all of Cove's JSON. */
export function jsonDetail(detail: ExchangeDetail, { exchanges, spans, logs }: TraceAnswer) {
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
    ...{ trace: exchanges, spans, logs },
  };
}
