import { type Peer, programPath, startProgram } from "./peer.ts";

/** mitmdump as a reverse proxy: it keeps what passes, and prints nothing. */
export const mitmproxy: Peer = {
  name: "mitmproxy",
  port: 29_115,
  start: async (upstream) => {
    const program = programPath("mitmdump");
    if (program === null) return null;
    const mode = `reverse:http://127.0.0.1:${upstream}`;
    const args = ["--mode", mode, "--listen-host", "127.0.0.1", "--listen-port", "29115", "--quiet"];
    return await startProgram(program, () => [...args, "--set", "keep_host_header=true"], mitmproxy.port);
  },
};
