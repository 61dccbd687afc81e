// Doors in a process of their own, one a service: node doors.fixture.ts PORT…; prints their ports as JSON.

import { openDoor } from "../../src/door/door.ts";
import { createRoutes } from "../../src/door/upstream/routes.ts";
import { orThrow } from "../../src/fault/fault.ts";
import { plainRoute } from "./plain-route.ts";

const doors = await Promise.all(
  process.argv.slice(2).map(async (port) => {
    const routes = createRoutes();
    for (const name of ["x", "127.0.0.1"]) {
      routes.set(name, plainRoute("shop/x", { host: "127.0.0.1", port: Number(port) }));
    }
    return orThrow(await openDoor({ port: 0, hosts: ["127.0.0.1"], routes }));
  }),
);
process.stdout.write(`${JSON.stringify(doors.map(({ port }) => port))}\n`);
process.stdin.resume().on("end", () => process.exit());
