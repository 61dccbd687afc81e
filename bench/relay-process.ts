// A relay alone: node relay-process.ts PORT UPSTREAM [CONDITIONS]
import { readConditions } from "../src/conditions/text.ts";
import { openRelay } from "../src/door/relay.ts";
import { orThrow } from "../src/fault/fault.ts";

const [port = 0, upstream = 0] = process.argv.slice(2, 4).map(Number);
const conditions = orThrow(readConditions(process.argv[4] ?? ""));
orThrow(
  await openRelay({
    listen: { host: "127.0.0.1", port },
    to: () => ({ host: "127.0.0.1", port: upstream }),
    conditions,
  }),
);
