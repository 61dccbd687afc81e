// The door alone, with one route: node door-process.ts PORT UPSTREAM
import { openDoor } from "../src/door/door.ts";
import { createRoutes } from "../src/door/routes.ts";
import { orThrow } from "../src/fault/fault.ts";
import { NAME } from "./peers/peer.ts";

const [port, upstream] = process.argv.slice(2).map(Number);
const routes = createRoutes();
routes.set(NAME, {
  id: "bench/web",
  upstream: { host: "127.0.0.1", port: upstream ?? 0 },
  state: "ready",
  whenReady: async () => true,
  logTail: () => [],
  cause: () => null,
});
orThrow(await openDoor({ port: port ?? 0, routes }));
