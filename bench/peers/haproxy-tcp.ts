import { type Peer, programPath, startProgram } from "./peer.ts";

/** HAProxy in TCP mode with one thread. */
export const haproxyTcp: Peer = {
  name: "haproxy tcp (1 thread)",
  port: 29_113,
  start: async (upstream) => {
    const program = programPath("haproxy");
    if (program === null) return null;
    const config = `global
  nbthread 1
defaults
  mode tcp
  timeout client 300s
  timeout server 300s
  timeout connect 5s
listen l
  bind 127.0.0.1:${haproxyTcp.port}
  server s 127.0.0.1:${upstream}
`;
    return startProgram(program, (folder) => ["-db", "-f", `${folder}/haproxy.cfg`], haproxyTcp.port, {
      "haproxy.cfg": config,
    });
  },
};
