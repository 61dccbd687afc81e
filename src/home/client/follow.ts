import { type Fault, isFault } from "../../fault/fault.ts";
import type { HomeEvent } from "../view/view.ts";
import { type HomeAddress, refusedBy, send, unreachable } from "./call.ts";

/** Reads `GET /api/v1/events` until `signal` aborts (undefined) or home goes away (the fault). */
export function follow(
  home: HomeAddress,
  onEvent: (event: HomeEvent) => void,
  signal: AbortSignal,
  { logs = true }: { logs?: boolean } = {},
): Promise<Fault | undefined> {
  return followPath<HomeEvent>(home, `/api/v1/events${logs ? "" : "?logs=0"}`, onEvent, signal);
}

/** Reads any of home's streams of events in the same way. */
export async function followPath<E>(
  home: HomeAddress,
  path: string,
  onEvent: (event: E) => void,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  if (signal.aborted) return undefined;
  const response = await send(home, "GET", path);
  if (response === null) return unreachable("home is not running any more");
  if (isFault(response)) return response;
  if ((response.statusCode ?? 500) >= 400) return await refusedBy(response);
  const leave = () => response.destroy();
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  try {
    response.setEncoding("utf8");
    let rest = "";
    for await (const chunk of response) {
      // Home writes each event as one `data:` line and an empty line; lines with a colon first are heartbeats.
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("data: ")) onEvent(JSON.parse(line.slice(6)) as E);
      }
    }
  } catch {
    // The connection broke: by the abort, or since home went away; distinguished below.
  } finally {
    signal.removeEventListener("abort", leave);
  }
  return signal.aborted ? undefined : unreachable("home went away");
}
