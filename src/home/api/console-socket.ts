import type { WebSocket } from "ws";
import { isFault } from "../../fault/fault.ts";
import { type ConsoleNews, type ConsoleRequest, consoleRequest } from "../../stack/session/console.ts";
import type { Sessions } from "../sessions/sessions.ts";

/** Which service's console is meant. */
interface ConsolePlace {
  readonly stack: string;
  readonly service: string;
}

const PATH = /^\/api\/v1\/stacks\/([^/?#]+)\/services\/([^/?#]+)\/console$/;
/** One who reads so slowly that this much waits for them is sent away, bytes. */
const BACKLOG = 8 << 20;

/** The service of `/api/v1/stacks/<stack>/services/<service>/console`; null for any other address. */
export function consolePlace(url = ""): ConsolePlace | null {
  const [, stack, service] = PATH.exec(url) ?? [];
  try {
    return stack === undefined || service === undefined
      ? null
      : { stack: decodeURIComponent(stack), service: decodeURIComponent(service) };
  } catch {
    return null;
  }
}

/** Passes on what one connection and a service's runner say to each other. */
export function seatAt(opened: WebSocket, { stack, service }: ConsolePlace, sessions: Sessions): void {
  const tell = (news: ConsoleNews) => {
    if (opened.bufferedAmount > BACKLOG) return opened.terminate();
    opened.send(JSON.stringify(news));
    if (news.type === "over") opened.close();
  };
  opened.on("error", () => {});
  const seat = sessions.sit(stack, service, tell);
  if (isFault(seat)) return tell({ type: "over", fault: seat });
  opened.on("close", seat.leave);
  opened.on("message", (data) => {
    const request = parse(String(data));
    if (request === null) opened.close(1007);
    else seat.say(request);
  });
}

function parse(text: string): ConsoleRequest | null {
  try {
    return consoleRequest.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
