import { names } from "../names.ts";
import { type Peer, programPath, startProgram } from "./peer.ts";

/** HAProxy in HTTP mode with one thread; other names get 421. */
export function haproxy(routes = 1): Peer {
  const port = 29_103;
  return {
    name: "haproxy (1 thread)",
    port,
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
  bind 127.0.0.1:${port}
  http-request deny deny_status 421 unless { req.hdr(host),field(1,:),lower -f FOLDER/names }
  default_backend b
backend b
  server s 127.0.0.1:${upstream}
`;
      return startProgram(program, (folder) => ["-db", "-f", `${folder}/haproxy.cfg`], port, {
        "haproxy.cfg": config,
        names: `${names(routes).join("\n")}\n`,
      });
    },
  };
}
