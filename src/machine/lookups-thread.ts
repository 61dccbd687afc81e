// The thread of lookups.ts.
import { answerCalls } from "../async/worker-call.ts";
import { holderAt } from "./holder-at.ts";
import type { LookupMethods, SocketProcess } from "./lookups.ts";
import { machine } from "./machine.ts";

answerCalls<LookupMethods>({
  socketProcesses: (questions) =>
    machine.processesOfSockets(questions).map((pid) => (pid === null ? null : processOf(pid))),
  holderAt,
});

function processOf(pid: number): SocketProcess {
  return { pid, executable: machine.processDetails(pid)?.executable ?? null };
}
