// A relay alone: node relay-process.ts PORT UPSTREAM
import { openRelay } from "../src/door/relay.ts";
import { orThrow } from "../src/fault/fault.ts";

const [port = 0, upstream = 0] = process.argv.slice(2).map(Number);
orThrow(await openRelay({ listen: { host: "127.0.0.1", port }, to: () => ({ host: "127.0.0.1", port: upstream }) }));
