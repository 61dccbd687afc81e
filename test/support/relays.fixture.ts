// Relays in a process of their own: node relays.fixture.ts CONDITIONS PORT…; prints their ports as JSON.
import { relay } from "../../src/library/relay.ts";

const [conditions = "", ...ports] = process.argv.slice(2);
const relays = await Promise.all(ports.map((port) => relay({ to: Number(port), conditions })));
process.stdout.write(`${JSON.stringify(relays.map(({ port }) => port))}\n`);
process.stdin.resume().on("end", () => process.exit());
