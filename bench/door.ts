import { compared, wrk } from "./load.ts";
import { bareDoor } from "./peers/bare-door.ts";
import { caddy } from "./peers/caddy.ts";
import { direct } from "./peers/direct.ts";
import { haproxy } from "./peers/haproxy.ts";
import { home } from "./peers/home.ts";
import { nginx, startUpstream } from "./peers/nginx.ts";
import type { Peer } from "./peers/peer.ts";
import { portless } from "./peers/portless.ts";
import { type Effort, type Section, withPeers } from "./section.ts";
import { THIS_TREE } from "./trees.ts";

const UPSTREAM = 29_100;
const OTHER_HOME = 29_107;
const OTHER_DOOR = 29_108;
/** Keep-alive connections of the client, as of a few browsers. */
const CONNECTIONS = 32;
/** 1 MiB responses are asked for on fewer. */
const LARGE = { path: "/large", connections: 8 };

/** HTTP/1.1 by name, beside other reverse proxies. */
export const door: Section = {
  title: "The door beside its peers",
  about:
    "wrk (one thread) asks through each proxy for what one nginx answers. Varied: 1,000 different requests in turn, as " +
    "browsers send them (bench/varied.lua: paths, queries, cookies, referers; some 600 bytes), each answered otherwise, " +
    "with so many names routed; `home` is Cove as users have it, a started home with guard, routes and capture as they come. " +
    "Best case: one identical request for ever, through the door without guard, capture and home. All share the same " +
    "cores, so on two of them a fast proxy waits for wrk and nginx too: the ratios count, not the rates, and they flatter the " +
    "slower one. `CPU` is what all the proxy's processes need for a request, user and system, which no neighbour on the " +
    "cores changes much. `first is`: the first row's figure over this row's; for CPU less is better. `direct` is wrk and " +
    "nginx without a proxy: the ceiling.",
  run: async (effort) => {
    if (wrk === null) return ["skipped: wrk is missing; for example: apt-get install wrk"];
    const stopUpstream = await startUpstream(UPSTREAM);
    if (stopUpstream === null) {
      return ["skipped: nginx, the service behind every proxy, is missing; for example: apt-get install nginx-light"];
    }
    try {
      return effort.against === null ? await besidePeers(effort) : await againstTree(effort);
    } finally {
      await stopUpstream();
    }
  },
};

async function besidePeers({ rounds, seconds }: Effort): Promise<readonly string[]> {
  const [bare, dir] = [bareDoor(THIS_TREE), direct(UPSTREAM)];
  const own = (routes: number) => home(THIS_TREE, { routes });
  const quiet = home(THIS_TREE, { capture: false, port: OTHER_HOME });
  const varied = { connections: CONNECTIONS };
  const lines: string[] = [];
  const part = async (
    title: string,
    peers: readonly Peer[],
    run: (peers: readonly Peer[]) => Promise<readonly string[]>,
  ) =>
    withPeers(peers, UPSTREAM, async (running, missing) => {
      lines.push("", title, ...missing, ...(await run(running)));
    });
  const everyone = [own(1), quiet, bare, nginx(), haproxy(), caddy(), portless, dir];
  await part("Varied, 1 route, 32 keep-alive connections", everyone, (peers) =>
    compared(peers, rounds, seconds, varied),
  );
  for (const routes of [100, 10_000]) {
    const peers = [own(routes), nginx(routes), haproxy(routes), caddy(routes)];
    const title = `Varied, ${routes.toLocaleString("en")} routes, 32 keep-alive connections`;
    await part(title, peers, (running) => compared(running, fewer(rounds), seconds, { ...varied, routes }));
  }
  await part(
    "Best case: one identical request, bare door, 200-byte responses, 32 keep-alive connections",
    [bare, nginx(), haproxy(), caddy(), portless, dir],
    (peers) => compared(peers, fewer(rounds), seconds, { path: "/small", connections: CONNECTIONS }),
  );
  await part(
    "1 MiB responses, bare door, 8 keep-alive connections",
    [bare, nginx(), haproxy(), caddy(), dir],
    (peers) => compared(peers, fewer(rounds), seconds, LARGE),
  );
  return lines;
}

/** The same programs of this tree and of another. */
async function againstTree({ rounds, seconds, against }: Effort): Promise<readonly string[]> {
  if (against === null) return [];
  const doors = [bareDoor(THIS_TREE), bareDoor(against, OTHER_DOOR), nginx()];
  const homes = [home(THIS_TREE), home(against, { port: OTHER_HOME }), nginx()];
  const varied = { connections: CONNECTIONS };
  const lines = ["Varied, home, 1 route"];
  await withPeers(homes, UPSTREAM, async (peers, missing) => {
    lines.push(...missing, ...(await compared(peers, rounds, seconds, varied)));
  });
  await withPeers(doors, UPSTREAM, async (peers, missing) => {
    lines.push(...missing, "", "Varied, bare door", ...(await compared(peers, rounds, seconds, varied)));
    const best = { path: "/small", connections: CONNECTIONS };
    lines.push("", "Best case: one identical request, bare door", ...(await compared(peers, rounds, seconds, best)));
    lines.push("", "1 MiB responses, bare door", ...(await compared(peers, rounds, seconds, LARGE)));
  });
  return lines;
}

/** Parts that say less get fewer rounds: a full run is to stay under a quarter of an hour. */
const fewer = (rounds: number) => Math.min(rounds, 3);
