import { stripVTControlCharacters } from "node:util";
import { type Fault, fault } from "../../fault/fault.ts";
import { holderAt } from "../../machine/holder-at.ts";
import { describeHolder } from "../../machine/machine.ts";
import { bindPolicy, type PlannedService } from "../plan/plan.ts";
import { complaintIn, KEEP_RIGHTS, takesRights } from "../process/lost-rights.ts";
import { missingCommand, programNotFound } from "../process/missing-command.ts";
import type { Exit } from "../process/spawn.ts";
import type { LogLine } from "../session/messages.ts";

/** Last lines that a cause repeats. */
const LINES = 8;

/**
 * Why a service ended: how, who holds its port if that was it, and its last lines. Call it after all that it started
 * has ended, so that none of those is taken for a stranger on its port. `nth`: how many crashes in a row this makes.
 */
export function crashCause(
  service: PlannedService,
  exit: Exit,
  tail: readonly LogLine[],
  nth: number,
  final: boolean,
): Fault {
  const words = tail
    .filter(({ stream }) => stream !== "cove")
    .map(({ text }) => stripVTControlCharacters(text).trimEnd());
  const said = words.filter((text) => text !== "").slice(-LINES);
  const detail = { exitCode: exit.code, signal: exit.signal, lines: said, crashes: nth };

  // 127: POSIX's shell (XCU §2.8.2); 9009 or 1: Windows' cmd.
  const missing = exit.code === 127 || process.platform === "win32" ? programNotFound(said) : null;
  if (missing !== null) {
    const cause = missingCommand(missing, service.cwd);
    return { ...cause, message: `${service.name}: ${cause.message}`, detail: { ...cause.detail, ...detail } };
  }
  const rights = lostRights(service, exit, said);
  const how = exit.signal === null ? `ended with exit code ${exit.code}` : `was ended by ${exit.signal}`;
  const holder = holderAt(service.address);
  const held = holder === null ? "" : `; port ${service.address.port} is held by ${describeHolder(holder)}`;
  const many = nth > 1 ? `, ${nth} times in a row` : "";
  return fault(
    final && nth > 1 ? "CRASH_LOOP" : "SERVICE_CRASHED",
    withLines(`${service.name} ${how}${many}${held}${rights === null ? "" : `: ${rights}`}`, said),
    rights !== null
      ? `${KEEP_RIGHTS}; then: cove up`
      : holder === null
        ? `its log: cove logs ${service.name}; once fixed: cove restart ${service.name}`
        : `end that process, then: cove restart ${service.name}`,
    { ...detail, ...(holder !== null && { holder }) },
  );
}

/** Why a program of the system had no rights: `fix` takes away what setuid would give, unless root starts it. */
function lostRights(service: PlannedService, { unprivileged }: Exit, said: readonly string[]): string | null {
  if (bindPolicy(service) !== "fix" || !takesRights()) return null;
  const why = 'guard: { bind: "fix" } starts programs without rights of their own (no_new_privs)';
  if (unprivileged !== undefined) return `${unprivileged.path} has its rights by ${unprivileged.by}, and ${why}`;
  return complaintIn(said) === null ? null : `a program that it starts has its rights by setuid, and ${why}`;
}

function withLines(message: string, lines: readonly string[]): string {
  return [message, ...lines.map((line) => `  ${line}`)].join("\n");
}
