// The thread of lookups.ts.
import type { Address } from "../address/address.ts";
import { isUnspecified, unmapped } from "../address/classify.ts";
import { answerCalls } from "../async/worker-call.ts";
import type { LookupMethods, SocketProcess } from "./lookups.ts";
import { machine } from "./machine.ts";
import type { Holder } from "./systems/system.ts";

answerCalls<LookupMethods>({
  socketProcesses: (questions) =>
    machine.processesOfSockets(questions).map((pid) => (pid === null ? null : processOf(pid))),
  holderAt,
});

function processOf(pid: number): SocketProcess {
  return { pid, executable: machine.processDetails(pid)?.executable ?? null };
}

function holderAt({ host, port }: Address): Holder | null {
  const wanted = unmapped(host);
  const inTheWay = machine.listeners(port).filter(({ address }) => {
    const at = unmapped(address.host);
    return at === wanted || isUnspecified(at) || isUnspecified(wanted);
  });
  const found = inTheWay.find(({ pid }) => pid !== null) ?? inTheWay[0];
  if (found === undefined) return null;
  const { pid, uid } = found;
  const command = pid === null ? null : (machine.processDetails(pid)?.command ?? null);
  return { pid, command, user: uid === null ? null : machine.userName(uid), uid };
}
