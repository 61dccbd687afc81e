// Relays in a process of their own: node relays.fixture.ts CONDITIONS PORT…, or toxiproxy in place of the conditions; prints
// their ports as JSON.
import { orThrow } from "../../src/fault/fault.ts";
import { relay } from "../../src/library/relay.ts";
import { openToxiproxy } from "../../src/toxiproxy/server.ts";

const [how = "", ...ports] = process.argv.slice(2);

async function byRelays(): Promise<number[]> {
  const relays = await Promise.all(ports.map((port) => relay({ to: Number(port), conditions: how })));
  return relays.map(({ port }) => port);
}

async function byToxiproxy(): Promise<number[]> {
  const server = orThrow(await openToxiproxy({ port: 0 }));
  const wanted = ports.map((port, n) => ({ name: `p${n}`, listen: "127.0.0.1:0", upstream: `127.0.0.1:${port}` }));
  const { proxies } = await server.populate(wanted);
  return proxies.map((proxy) => Number(proxy.state().listen.split(":").at(-1)));
}

process.stdout.write(`${JSON.stringify(await (how === "toxiproxy" ? byToxiproxy() : byRelays()))}\n`);
process.stdin.resume().on("end", () => process.exit());
