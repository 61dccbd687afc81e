import { NAME, names } from "../names.ts";
import { startHome } from "../real-home.ts";
import type { Tree } from "../trees.ts";
import type { Peer } from "./peer.ts";

/** Names are spread over so many services at most: each of them is asked once whether it is there. */
const SERVICES = 100;

export interface HomeOptions {
  readonly routes?: number;
  /** Default: as it comes. */
  readonly capture?: false;
  readonly port?: number;
}

/** Cove as users have it: a home with guard, routes and capture, and a stack of services that run by themselves. */
export function home(tree: Tree, { routes = 1, capture, port = 29_106 }: HomeOptions = {}): Peer {
  return {
    name: `${tree.name}, home${capture === false ? ", capture off" : ""}`,
    port,
    start: async (upstream) => {
      const service = { external: upstream, ...(capture !== undefined && { capture }) };
      const { stop } = await startHome(tree, port, { "cove.json": JSON.stringify(stack(service, routes)) });
      return stop;
    },
  };
}

/** One service `web`, or as many names as `routes` says over `SERVICES` services. */
function stack(service: object, routes: number): object {
  const [own, rest] = [NAME.split(".")[0] ?? "", NAME.split(".")[1] ?? ""];
  if (routes === 1) return { name: rest, services: { [own]: service } };
  const all = names(routes);
  const each = Math.ceil(routes / SERVICES);
  const services = Array.from({ length: Math.ceil(routes / each) }, (_, n) => [
    `s${n}`,
    { ...service, names: all.slice(n * each, (n + 1) * each) },
  ]);
  return { name: rest, services: Object.fromEntries(services) };
}
