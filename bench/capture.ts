import { compared, wrk } from "./load.ts";
import { home } from "./peers/home.ts";
import { mitmproxy } from "./peers/mitmproxy.ts";
import { startUpstream } from "./peers/nginx.ts";
import { type Section, withPeers } from "./section.ts";
import { THIS_TREE } from "./trees.ts";

const UPSTREAM = 29_100;
const QUIET = 29_107;

/** What it costs to write every exchange down. */
export const capture: Section = {
  title: "Capture beside its peers",
  about:
    "wrk (one thread, 32 keep-alive connections) sends 1,000 different requests in turn, as browsers send them, through a " +
    "started home with capture as it comes and with capture off, and through mitmdump as a reverse proxy, which writes " +
    "exchanges down too. All share the same cores.",
  run: async ({ rounds, seconds }) => {
    if (wrk === null) return ["skipped: wrk is missing; for example: apt-get install wrk"];
    const stopUpstream = await startUpstream(UPSTREAM);
    if (stopUpstream === null) return ["skipped: nginx is missing; for example: apt-get install nginx-light"];
    try {
      const peers = [home(THIS_TREE), home(THIS_TREE, { capture: false, port: QUIET }), mitmproxy];
      return await withPeers(peers, UPSTREAM, async (running, missing) => [
        ...missing,
        ...(await compared(running, rounds, seconds, { connections: 32 })),
      ]);
    } finally {
      await stopUpstream();
    }
  },
};
