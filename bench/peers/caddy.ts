import { names } from "../names.ts";
import { type Peer, programPath, startProgram } from "./peer.ts";

/** Caddy's reverse_proxy, as it comes. */
export function caddy(routes = 1): Peer {
  const port = 29_104;
  return {
    name: "caddy",
    port,
    start: async (upstream) => {
      const program = programPath("caddy");
      if (program === null) return null;
      const sites = names(routes).map((name) => `http://${name}:${port}`);
      const config = `{
  admin off
  auto_https off
}
${sites.join(", ")} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${upstream}
}
`;
      return startProgram(
        program,
        (folder) => ["run", "--adapter", "caddyfile", "--config", `${folder}/Caddyfile`],
        port,
        { Caddyfile: config },
      );
    },
  };
}
