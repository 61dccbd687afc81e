import { request } from "node:http";
import type { Address } from "../../address/address.ts";
import { HELPER_PORTS } from "../../address/ports.ts";
import { machine } from "../../machine/machine.ts";
import type { Place } from "./listening-places.ts";

/**
 * What a place says to `GET /`:
 * - `page`: what a person could open, a login included
 * - `http`: HTTP, but no page (404, 500)
 * - `other`: it speaks no HTTP, or says nothing
 * - `helper`: known not to be the service: a debugger, live reload, metrics, a WebSocket without pages
 */
export type PlaceAnswer = "page" | "http" | "other" | "helper";

/** The longest that a place may take to answer, ms: a dev server compiles at the first request. */
const ANSWER_TIME = 10_000;
/** As much of a body as is looked at, bytes. */
const LOOKED_AT = 4_096;

/** Words of a command line that open a debugger, with its port if one is named. */
const DEBUGGER =
  /--inspect(?:-brk|-wait|-port)?(?:=(?:\S*?:)?(\d+))?|jdwp\S*address=(?:\S*?:)?(\d+)|debugpy\S*(?:\s\S+)*?\s--listen\s(?:\S*?:)?(\d+)/g;
/** What helpers say of themselves: Node's inspector, tiny-lr, Prometheus' text format. */
const HELPER_BODY = /WebSockets request was expected|"tinylr"/;
const METRICS_TYPE = /version=0\.0\.4|openmetrics-text/;

/** Asks a place once. */
export async function askPlace(place: Place, signal: AbortSignal): Promise<PlaceAnswer> {
  const { reach } = place;
  if (reach === null) return "other";
  if (isDebugger(place)) return "helper";
  const said = await firstAnswer(reach, AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIME)]));
  // A page there is a page all the same.
  const unlikely = HELPER_PORTS.has(place.port) ? "helper" : null;
  if (said === null) return unlikely ?? "other";
  const { status, type, body } = said;
  if (status === 426 || METRICS_TYPE.test(type) || HELPER_BODY.test(body)) return "helper";
  const opens = status < 400 || status === 401 || status === 403 || type.startsWith("text/html");
  return opens ? "page" : (unlikely ?? "http");
}

/** Its process's command line names this port for a debugger. */
function isDebugger({ port, listeners }: Place): boolean {
  return listeners.some(({ pid }) => {
    const command = pid === null ? "" : (machine.processDetails(pid)?.command ?? "");
    return [...command.matchAll(DEBUGGER)].some(([, ...ports]) => ports.some((one) => Number(one) === port));
  });
}

interface Said {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function firstAnswer(at: Address, signal: AbortSignal): Promise<Said | null> {
  return new Promise((resolve) => {
    const headers = { "user-agent": "cove-probe", accept: "text/html,*/*" };
    const asked = request({ ...at, path: "/", agent: false, signal, headers }, (response) => {
      let body = "";
      const status = response.statusCode ?? 0;
      const type = String(response.headers["content-type"] ?? "");
      const done = () => {
        resolve({ status, type, body });
        response.destroy();
      };
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString("latin1");
        if (body.length >= LOOKED_AT || status < 400) done();
      });
      response.on("end", done);
      response.on("error", done);
    });
    asked.on("upgrade", (_, socket) => socket.destroy());
    asked.on("error", () => resolve(null));
    asked.on("close", () => resolve(null));
    asked.end();
  });
}
