// Loaded in front of every Node program of a service, of whatever version from 18 on. It must never throw, and never keep the
// program from what it does: see src/tracing/records.ts for what it reports, and docs/capture.md.
import { followModules } from "./hooks/modules.ts";
import { planReports, report, reportTo } from "./hooks/reports.ts";
import { tapSockets } from "./hooks/sockets.ts";
import { ioredis } from "./libraries/ioredis.ts";
import { mysql2 } from "./libraries/mysql2.ts";
import { pg } from "./libraries/pg.ts";
import { importPostgresAsCommonJs, postgresJs } from "./libraries/postgres-js.ts";
import { redis } from "./libraries/redis.ts";
import { followRequests } from "./requests.ts";
import { followServers } from "./servers.ts";

/** One of these in a thread, however often it is required. */
const LOADED = Symbol.for("cove.trace");

function start(): void {
  const { COVE_TRACE_PIPE: pipe, COVE_TRACE_EDGES: edges } = process.env;
  const scope = globalThis as { [LOADED]?: true };
  if (edges === undefined || scope[LOADED] === true) return;
  scope[LOADED] = true;
  const isEdge = edgesIn(edges);
  followServers();
  followRequests(isEdge);
  if (pipe === undefined) return;
  reportTo(pipe);
  tapSockets(isEdge);
  followModules([...pg, ...postgresJs, ...mysql2, ...ioredis, ...redis]);
  importPostgresAsCommonJs();
  report(`h ${process.pid} node ${process.versions.node}`);
  planReports();
}

/** `61001,61002`, or `*`: all of this machine's. */
function edgesIn(text: string): (port: number, host: unknown) => boolean {
  const ports = new Set(text.split(",").map(Number));
  return (port, host) => (text === "*" || ports.has(port)) && isHere(host);
}

/** Undefined is localhost, as Node has it. */
function isHere(host: unknown): boolean {
  return host === undefined || host === null || /^(127\.|\[?::1\]?$|(.+\.)?localhost\.?$)/i.test(String(host));
}

try {
  start();
} catch {
  // A Node that has other insides: nothing is reported.
}
