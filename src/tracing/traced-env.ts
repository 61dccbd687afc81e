import { fileURLToPath } from "node:url";
import { ownBundledPreload } from "../own-files/own-files.ts";
import { tracedPythonPath } from "./python-path.ts";

/** What a service's programs are told, so that they report for which request they send what. */
export interface Tracing {
  /** The FIFO that they report on; null: they only pass `traceparent` on. */
  readonly pipe: string | null;
  /** Ports of the service's edges, those from which it is led to them, and the door's. */
  readonly edges: readonly number[];
}

export const preloadFile = (): string => fileURLToPath(ownBundledPreload("trace"));

/** An environment whose Node and Python programs load Cove's preload, besides what they load anyway. */
export function tracedEnv(env: Readonly<Record<string, string>>, { pipe, edges }: Tracing): Record<string, string> {
  // NODE_OPTIONS is split at spaces, but not within quotes (node's cli docs).
  const option = `--require "${preloadFile().replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  return {
    ...env,
    ...(pipe !== null && { COVE_TRACE_PIPE: pipe }),
    COVE_TRACE_EDGES: edges.join(","),
    PYTHONPATH: tracedPythonPath(env.PYTHONPATH),
    NODE_OPTIONS: env.NODE_OPTIONS === undefined ? option : `${env.NODE_OPTIONS} ${option}`,
  };
}
