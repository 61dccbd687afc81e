import type { Entry } from "har-format";
import type { HttpExchange } from "../../capture/exchange.ts";
import { fieldOf } from "../../capture/heads.ts";

type Kind = NonNullable<Entry["_resourceType"]>;

/** The destination that browsers state (Fetch Metadata), in the terms of Chrome's archives. */
const DESTINATIONS: Readonly<Record<string, Kind>> = {
  ...{ document: "document", iframe: "document", frame: "document", style: "stylesheet", script: "script" },
  ...{ image: "image", font: "font", audio: "media", video: "media", track: "texttrack", manifest: "manifest" },
  ...{ worker: "script", sharedworker: "script", serviceworker: "script", empty: "fetch" },
};
const TYPES: readonly (readonly [RegExp, Kind])[] = [
  [/^text\/html|xhtml/, "document"],
  [/^text\/css/, "stylesheet"],
  [/(?:java|ecma)script/, "script"],
  [/^image\//, "image"],
  [/^font\/|font-/, "font"],
  [/^(?:audio|video)\//, "media"],
  [/event-stream/, "eventsource"],
];

/** Chrome's `_resourceType`: its network panel filters by it. */
export function resourceType({ requestHead, responseHead, messages }: HttpExchange): Kind {
  if (messages !== null || fieldOf(requestHead, "sec-websocket-key") !== null) return "websocket";
  const type = (fieldOf(responseHead, "content-type") ?? "").toLowerCase();
  if (type.includes("event-stream")) return "eventsource";
  const said = DESTINATIONS[fieldOf(requestHead, "sec-fetch-dest") ?? ""];
  return said ?? TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? "fetch";
}
