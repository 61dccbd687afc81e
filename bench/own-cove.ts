import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** A Cove with a state folder and a door of its own, whose home runs. Its end stops all of it. */
export interface OwnCove extends AsyncDisposable {
  readonly bin: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cove: (...args: string[]) => Promise<string>;
}

export async function ownCove(): Promise<OwnCove> {
  const folder = mkdtempSync(join(tmpdir(), "cove-bench-"));
  const env = { ...process.env, COVE_HOME: folder, COVE_PORT: String(await freePort()), NO_COLOR: "1" };
  const bin = fileURLToPath(new URL("../bin/cove.js", import.meta.url));
  const cove = async (...args: string[]) => {
    const { stdout } = await exec(process.execPath, [bin, ...args], { env, cwd: folder, maxBuffer: 1 << 26 });
    return stdout;
  };
  // Starts home; an alias leads to nothing that would have to run.
  await cove("alias", "bench", "127.0.0.1:9");
  return {
    ...{ bin, folder, env, cove },
    [Symbol.asyncDispose]: async () => {
      await cove("stop", "--all");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
