import { execFile } from "node:child_process";
import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { familyOf } from "../../services/kind/edge-facts.ts";
import type { Launch } from "../../services/kind/kind.ts";
import { STANDARD_PORTS } from "../../services/kind/standard-ports.ts";
import { preloadFile, tracedEnv } from "../../tracing/traced-env.ts";
import type { PlannedService } from "../plan/plan.ts";
import type { Running, ServiceTracing } from "./running.ts";

/** Decides about a service before it starts, and makes its FIFO. Null: it has nobody to send anything to. */
export async function prepareTracing(running: Running, service: PlannedService): Promise<ServiceTracing | null> {
  const { plan, baseEnv, boxes, state, welcome } = running;
  const { name, kind, trace = "auto" } = service;
  if (kind.name !== "command" || plan.services.length === 1) return null;
  const why = trace === "off" ? "trace is off in the config" : reasonAgainst(baseEnv);
  if (why !== null) return { told: { off: why }, given: null };
  const edges = [...new Set([...portsOf(running, name), ...(welcome === null ? [] : [welcome.port])])];
  // The ports of its connections are not those that the relays see.
  if (boxes.get(name) != null) return { told: { off: "it runs in a box" }, given: { pipe: null, edges } };
  const pipe = join(state.serviceDir(plan.project.key, name), "trace");
  const failed = await makeFifo(pipe);
  if (failed !== null) return { told: { off: failed }, given: { pipe: null, edges } };
  return { told: { pipe }, given: { pipe, edges } };
}

/** Ports of a service's edges, and those from which it may be led to one: where the others listen, or are believed to. */
function portsOf({ plan, supervisors }: Running, name: string): number[] {
  const own = plan.edges.filter(({ from }) => from === name);
  const others = plan.services.filter((other) => other.name !== name);
  return [
    ...own.flatMap(({ address, also = [] }) => [address.port, ...also]),
    ...others.flatMap((other) => {
      const { port } = supervisors.get(other.name)?.followed() ?? other.address;
      const family = familyOf(other.kind, other.options);
      const standard = family === "http" || !own.some(({ to }) => to === other.name) ? null : STANDARD_PORTS[family];
      return [port, ...(other.expects ?? []), ...(standard === null ? [] : [standard])];
    }),
  ];
}

function reasonAgainst(env: NodeJS.ProcessEnv): string | null {
  if (/^(off|0|false|no)$/i.test(env.COVE_TRACE ?? "")) return "COVE_TRACE is off in the environment";
  if (process.platform === "win32") return "Windows has no FIFOs";
  return existsSync(preloadFile()) ? null : "what is loaded in front of its programs isn't built: npm run build";
}

/** The launch with what makes its programs report. */
export function tracedLaunch(launch: Launch, tracing: ServiceTracing | null): Launch {
  return tracing?.given == null ? launch : { ...launch, env: tracedEnv(launch.env, tracing.given) };
}

/** Makes a FIFO that this user alone may use, unless it is there; returns why that failed. */
async function makeFifo(path: string): Promise<string | null> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFIFO() === true) return null;
  try {
    await promisify(execFile)("mkfifo", ["-m", "600", path]);
    return null;
  } catch (error) {
    return `no FIFO could be made: ${error instanceof Error ? error.message : String(error)}`;
  }
}
