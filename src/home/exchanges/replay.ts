import { request } from "node:http";
import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { isCut, keptBytes } from "../../capture/body.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import { fieldsOf } from "../../capture/heads.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { type Fault, fault } from "../../fault/fault.ts";

/** How long a replay may take, ms. */
const TIME = 30_000;
/** Fields of the connection or the trace, not of the request. */
const LEFT_OUT =
  /^(connection|keep-alive|proxy-connection|upgrade|te|expect|content-length|transfer-encoding|traceparent)$/i;

/** What to change. */
export interface ReplayEdit {
  readonly method?: string;
  /** `/path?query`. */
  readonly target?: string;
  /** All of them, in order; Host may be among them. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: Buffer;
}

/**
 * Sends a request again, to the door or the relay that it came to; resolves with the new exchange once it is over. Faults:
 * REQUEST_INVALID for a body that wasn't kept whole, UPSTREAM_DOWN.
 */
export async function replay(
  recorder: Recorder,
  to: Address,
  from: HttpExchange,
  edit: ReplayEdit,
): Promise<HttpExchange | Fault> {
  if (edit.body === undefined && isCut(from.requestBody)) {
    const hint = 'give the body anew, or keep larger ones: capture: { bodies: "10MiB" } for the service';
    return fault("REQUEST_INVALID", "the request's body was not kept whole", hint);
  }
  const body = edit.body ?? keptBytes(from.requestBody);
  const { method = from.method, target = from.target, headers = fieldsOf(from.requestHead) } = edit;
  const fields = headers.filter(([name]) => !LEFT_OUT.test(name));
  if (!fields.some(([name]) => name.toLowerCase() === "host")) fields.unshift(["Host", from.host]);
  if (body.length > 0 || !/^(GET|HEAD|OPTIONS|DELETE)$/.test(method))
    fields.push(["Content-Length", String(body.length)]);
  let expected: ReturnType<Recorder["expectReplay"]> | undefined;
  const failed = await new Promise<string | null>((resolve) => {
    try {
      const asked = request({ ...to, method, path: target, headers: fields.flat(), agent: false, timeout: TIME });
      asked.on("socket", (socket) => {
        socket.once("connect", () => {
          const { localAddress = "", localPort = 0 } = socket;
          expected = recorder.expectReplay(formatAddress({ host: localAddress, port: localPort }), from.seq);
        });
      });
      asked.on("response", (response) => {
        response.resume();
        response.on("close", () => resolve(null));
      });
      asked.on("timeout", () => asked.destroy(new Error(`no answer within ${TIME / 1000} s`)));
      asked.on("error", (error) => resolve(error.message));
      asked.end(body);
    } catch (error) {
      // Node refuses what can't be written as HTTP: a method with a space, a header with a line end.
      resolve(error instanceof Error ? error.message : String(error));
    }
  });
  const said = expected?.exchange() ?? null;
  expected?.forget();
  if (said !== null) return said;
  return fault("UPSTREAM_DOWN", `the replay did not get through: ${failed ?? "nothing was written down"}`, "see: cove");
}
