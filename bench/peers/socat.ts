import { type Peer, programPath, startProgram } from "./peer.ts";

/** socat as it comes, a process for each connection. */
export const socat: Peer = {
  name: "socat",
  port: 29_114,
  start: async (upstream) => {
    const program = programPath("socat");
    if (program === null) return null;
    const listen = `TCP-LISTEN:${socat.port},bind=127.0.0.1,fork,reuseaddr,nodelay,backlog=128`;
    return startProgram(program, () => [listen, `TCP:127.0.0.1:${upstream},nodelay`], socat.port);
  },
};
