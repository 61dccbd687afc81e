import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerCertificate } from "../leaves.ts";
import { findProgram, isFolder, type Surroundings } from "../stores/store.ts";
import { PROVERS, type Prover } from "./programs.ts";

/** What a program made of a page with a certificate of Cove's. */
export interface Proof {
  readonly tool: string;
  /** Null: it took too long to tell. */
  readonly trusts: boolean | null;
  /** What to do where it doesn't; null: `cove trust`, or nothing. */
  readonly hint: string | null;
}

/** The longest that one may take, ms: a browser starts for seconds, and Go compiles first. */
const PATIENCE = 30_000;

/**
 * Has each program that this machine has open a page of a server of ours, as this user's own environment has it. Only one that
 * trusts the certificate sends a request. `slow`: those too that are compiled first.
 */
export async function proveTrust(
  { chain, key }: ServerCertificate,
  where: Surroundings,
  slow: boolean,
): Promise<readonly Proof[]> {
  const asked = new Set<string>();
  const server = createServer({ cert: chain, key }, (request, response) => {
    asked.add(request.url ?? "");
    response.end("<!doctype html><title>Cove</title>trusted\n");
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), "cove-trust-"));
  try {
    const proofs = PROVERS.filter((prover) => slow || !prover.slow).map(async (prover): Promise<Proof[]> => {
      const { tool, hint } = prover;
      const path = `/${tool}`;
      const end = await open(prover, `https://127.0.0.1:${port}${path}`, folder, where);
      if (end === "missing") return [];
      const trusts = asked.has(path) || (end === "late" ? null : false);
      return [{ tool, trusts, hint: trusts === false ? (hint ?? null) : null }];
    });
    return (await Promise.all(proofs)).flat();
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs it to its end. What became of it the server knows. */
async function open(
  prover: Prover,
  url: string,
  folder: string,
  where: Surroundings,
): Promise<"ended" | "late" | "missing"> {
  const program = prover.programs.map((name) => findProgram(name, where)).find((path) => path !== null);
  if (program === undefined || program === null) return "missing";
  const child = spawn(program, prover.args(url, folder), {
    cwd: folder,
    stdio: "ignore",
    env: { ...where.env, ...withoutTraces(folder, where) },
    // A browser has children of its own, which end with its group.
    detached: process.platform !== "win32",
  });
  const { promise, resolve } = Promise.withResolvers<"ended" | "late">();
  child.once("error", () => resolve("ended"));
  child.once("close", () => resolve("ended"));
  const timer = setTimeout(() => resolve("late"), PATIENCE);
  const end = await promise;
  clearTimeout(timer);
  endGroup(child.pid);
  return end;
}

/** What programs write down on the way goes with the proof. Go's cache is read where there is one: it saves a minute. */
function withoutTraces(folder: string, { env, home }: Surroundings): Record<string, string> {
  const cache = env.GOCACHE ?? join(env.XDG_CACHE_HOME ?? join(home, ".cache"), "go-build");
  return {
    XDG_CONFIG_HOME: join(folder, "config"),
    XDG_CACHE_HOME: join(folder, "cache"),
    GOCACHE: isFolder(cache) ? cache : join(folder, "go"),
    GO111MODULE: "off",
    CGO_ENABLED: "0",
  };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}
