import { type Peer, programPath, startProgram } from "./peer.ts";

/** Caddy's reverse_proxy, as it comes. */
export const caddy: Peer = {
  name: "caddy",
  port: 29_104,
  start: async (upstream) => {
    const program = programPath("caddy");
    if (program === null) return null;
    const config = `{
  admin off
  auto_https off
}
http://:${caddy.port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${upstream}
}
`;
    return startProgram(
      program,
      (folder) => ["run", "--adapter", "caddyfile", "--config", `${folder}/Caddyfile`],
      caddy.port,
      {
        Caddyfile: config,
      },
    );
  },
};
