// A relay alone: node relay-process.ts PORT UPSTREAM [CONDITIONS [PROTOCOL]]; with a protocol it is captured, as home does it.
import { newCaller } from "../src/capture/caller.ts";
import { openTap } from "../src/capture/decoders/tap.ts";
import { CAPTURE_ALL } from "../src/capture/edge.ts";
import { newPlace } from "../src/capture/exchange.ts";
import { createRecorder } from "../src/capture/recorder.ts";
import { readConditions } from "../src/conditions/text.ts";
import { openRelay } from "../src/door/relay/relay.ts";
import { orThrow } from "../src/fault/fault.ts";
import { openNotes } from "../src/inspect/notes/notes.ts";

const [port = 0, upstream = 0] = process.argv.slice(2, 4).map(Number);
const conditions = orThrow(readConditions(process.argv[4] ?? ""));
const protocol = process.argv[5] as "postgres" | "redis" | undefined;
const recorder = createRecorder();
openNotes(recorder);
const edge = {
  ...{ id: "api→db", stack: "bench", from: "api", to: "db", origin: newPlace("bench", "api") },
  ...{ place: newPlace("bench", "db"), policy: CAPTURE_ALL },
};
orThrow(
  await openRelay({
    listen: { host: "127.0.0.1", port },
    to: () => ({ host: "127.0.0.1", port: upstream }),
    conditions,
    tap: (_client, _peer, clock) =>
      protocol === undefined ? null : openTap(recorder, edge, newCaller("127.0.0.1:1", null, null), protocol, clock),
  }),
);
