import type { Look } from "../../../ports/look.ts";
import type { PortRow } from "../../../ports/row.ts";
import type { CoveKnowledge } from "../ports/cove-uses.ts";
import type { PortHolder } from "./verdict.ts";

/** The rows of one port by who holds them: a process with all its addresses, or a container. */
export function holdersOf(rows: readonly PortRow[], look: Look, { snapshot }: CoveKnowledge): PortHolder[] {
  const holders = new Map<string, PortHolder>();
  for (const row of rows) {
    const { process, container, pids } = row;
    const [pid = null] = pids;
    const key = container !== null ? `container ${container.id}` : pid !== null ? `pid ${pid}` : `uid ${row.uid}`;
    const address = { host: row.host, port: row.port, protocol: row.protocol };
    const known = holders.get(key);
    if (known !== undefined) {
      holders.set(key, { ...known, addresses: [...known.addresses, address] });
      continue;
    }
    const line = pid === null ? [] : look.line(pid);
    const runner = snapshot?.stacks.find((stack) => line.includes(stack.runner.pid));
    holders.set(key, {
      addresses: [address],
      pid,
      workers: pids.slice(1),
      command: process?.command ?? null,
      program: process?.program ?? null,
      user: row.user,
      uid: row.uid,
      project: process?.project ?? null,
      startedAt: process?.startedAt ?? null,
      container: container === null ? null : { ...container, name: container.name ?? container.id },
      // A lease or an alias says who should be there, not who is.
      cove: row.cove?.use === "lease" || row.cove?.use === "alias" ? null : row.cove,
      home: pid !== null && (pid === snapshot?.home.pid || isHome(process?.command ?? null)),
      runner: runner?.name ?? null,
    });
  }
  return [...holders.values()];
}

/** The home of any state folder: it keeps stacks, whichever it is. */
function isHome(command: string | null): boolean {
  return command !== null && /^cove home\b|[/\\](src|dist)[/\\]home[/\\]main\.[jt]s\b/.test(command);
}
