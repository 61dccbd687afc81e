import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { NAME } from "../names.ts";
import { type Peer, startProgram } from "./peer.ts";

const exec = promisify(execFile);

/** portless without TLS, from npm into a temporary folder; null where npm can't be asked. */
export const portless: Peer = {
  name: "portless",
  port: 29_105,
  start: async (upstream) => {
    const folder = mkdtempSync(join(tmpdir(), "cove-bench-portless-"));
    const cli = join(folder, "node_modules/portless/dist/cli.js");
    const env = {
      PORTLESS_STATE_DIR: folder,
      PORTLESS_PORT: String(portless.port),
      PORTLESS_HTTPS: "0",
      PORTLESS_SYNC_HOSTS: "0",
    };
    try {
      await exec("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, "portless"], {
        timeout: 60_000,
      });
      const stop = await startProgram(
        process.execPath,
        () => [cli, "proxy", "start", "--foreground", "--no-tls", "--port", String(portless.port)],
        portless.port,
        {},
        env,
      );
      const name = NAME.replace(/\.localhost$/, "");
      await exec(process.execPath, [cli, "alias", name, String(upstream)], { env: { ...process.env, ...env } });
      return async () => {
        await stop();
        rmSync(folder, { recursive: true, force: true });
      };
    } catch {
      rmSync(folder, { recursive: true, force: true });
      return null;
    }
  },
};
