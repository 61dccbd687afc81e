import type { HelloService } from "../../stack/session/messages.ts";
import { readPipe } from "../../tracing/pipe.ts";
import { type ServiceClaims, serviceClaims } from "../../tracing/service-claims.ts";
import type { TracingView } from "../view/view.ts";

/** What a service reports of its own connections. */
export interface ServiceTraces {
  /** The FIFO that it reports on. */
  readonly pipe: string;
  readonly claims: ServiceClaims;
  readonly close: () => void;
}

/** Follows a service to the FIFO that its runner names now. Null: it reports nothing, or its FIFO can't be read. */
export function followTraces(known: ServiceTraces | null, { trace }: HelloService): ServiceTraces | null {
  const pipe = trace !== undefined && "pipe" in trace ? trace.pipe : null;
  if (known !== null && known.pipe === pipe) return known;
  known?.close();
  if (pipe === null) return null;
  const claims = serviceClaims();
  const opened = readPipe(pipe, claims.take);
  return opened === null ? null : { pipe, claims, close: opened.close };
}

interface Traced {
  readonly facts: Pick<HelloService, "trace">;
  readonly traces: ServiceTraces | null;
}

/** Which of a service's processes report, or why none does. Null: it sends nothing to anybody. */
export function tracingView({ facts: { trace }, traces }: Traced): TracingView | null {
  if (trace === undefined) return null;
  if ("off" in trace) return { reports: false, text: trace.off };
  if (traces === null) return { reports: false, text: "its FIFO can't be read" };
  const running = traces.claims.processes().filter(({ pid }) => isRunning(pid));
  const [first] = running;
  if (first === undefined) return { reports: false, text: "no Node or Python program of it reports" };
  // Package managers load no library that is followed.
  const following = running.filter(({ libraries }) => libraries.length > 0);
  const named = following.slice(0, NAMED_MOST).map(({ pid, runtime, version, libraries }) => {
    return `${runtime} ${version} (pid ${pid}): ${libraries.join(", ")}`;
  });
  const calls = `${first.runtime} ${first.version} (pid ${first.pid}), by traceparent`;
  return { reports: true, text: named.join("; ") || calls };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Processes that are named. */
const NAMED_MOST = 4;
