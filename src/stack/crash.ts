import { stripVTControlCharacters } from "node:util";
import { type Fault, fault } from "../fault/fault.ts";
import { describeHolder, machine } from "../machine/machine.ts";
import type { PlannedService } from "./plan.ts";
import type { Exit } from "./process.ts";
import type { LogLine } from "./session.ts";

const LINES = 8;

/** Why a service ended: how, who holds its port if that was it, and its last words. */
export function crashCause(
  service: PlannedService,
  exit: Exit,
  tail: readonly LogLine[],
  restarts: number,
  final: boolean,
): Fault {
  const how = exit.signal === null ? `ended with exit code ${exit.code}` : `was ended by ${exit.signal}`;
  const words = tail
    .filter(({ stream }) => stream !== "cove")
    .map(({ text }) => stripVTControlCharacters(text).trimEnd());
  const said = words.filter((text) => text !== "").slice(-LINES);
  const detail = { exitCode: exit.code, signal: exit.signal, lines: said, restarts };
  if (exit.code === 127 && restarts === 0 && /not found/.test(said.join("\n"))) {
    return fault(
      "COMMAND_MISSING",
      withLines(`${service.name}: the command was not found`, said),
      "install it, or check the spelling",
      detail,
    );
  }
  const holder = said.some((text) => /EADDRINUSE|address already in use/i.test(text))
    ? machine.holderOf(service.address.port)
    : null;
  const held = holder === null ? "" : `; port ${service.address.port} is held by ${describeHolder(holder)}`;
  const many = restarts > 0 ? `, ${restarts + 1} times in a row` : "";
  return fault(
    final && restarts > 0 ? "CRASH_LOOP" : "SERVICE_CRASHED",
    withLines(`${service.name} ${how}${many}${held}`, said),
    holder === null
      ? `its log: cove logs ${service.name}; once mended: cove restart ${service.name}`
      : "end that process, or let the service use PORT",
    { ...detail, ...(holder !== null && { holder }) },
  );
}

function withLines(message: string, lines: readonly string[]): string {
  return lines.length === 0 ? message : `${message}\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
