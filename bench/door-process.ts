// The door alone, with one route: node door-process.ts PORT UPSTREAM [capture]
import { CAPTURE_ALL } from "../src/capture/edge.ts";
import { newPlace } from "../src/capture/exchange.ts";
import { createRecorder } from "../src/capture/recorder.ts";
import { openDoor } from "../src/door/door.ts";
import { createRoutes } from "../src/door/upstream/routes.ts";
import { orThrow } from "../src/fault/fault.ts";
import { NAME } from "./names.ts";

const [port, upstream] = process.argv.slice(2, 4).map(Number);
const place = newPlace("bench", "web");
const edge = {
  id: "browser→web",
  stack: "bench",
  from: "browser",
  to: "web",
  origin: null,
  place,
  policy: CAPTURE_ALL,
};
const captured = process.argv[4] === "capture";
const routes = createRoutes();
routes.set(NAME, {
  id: "bench/web",
  upstream: { host: "127.0.0.1", port: upstream ?? 0 },
  state: "ready",
  whenReady: async () => true,
  logTail: () => [],
  cause: () => null,
  ...(captured && { capture: edge }),
});
orThrow(await openDoor({ port: port ?? 0, routes, recorder: createRecorder() }));
