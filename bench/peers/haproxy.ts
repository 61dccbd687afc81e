import { type Peer, programPath, startProgram } from "./peer.ts";

/** HAProxy in HTTP mode with one thread. */
export const haproxy: Peer = {
  name: "haproxy (1 thread)",
  port: 29_103,
  start: async (upstream) => {
    const program = programPath("haproxy");
    if (program === null) return null;
    const config = `global
  nbthread 1
defaults
  mode http
  timeout client 300s
  timeout server 300s
  timeout connect 5s
  option forwardfor
  http-reuse always
frontend f
  bind 127.0.0.1:${haproxy.port}
  default_backend b
backend b
  server s 127.0.0.1:${upstream}
`;
    return startProgram(program, (folder) => ["-db", "-f", `${folder}/haproxy.cfg`], haproxy.port, {
      "haproxy.cfg": config,
    });
  },
};
