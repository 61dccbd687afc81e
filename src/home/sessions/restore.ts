import { machine } from "../../machine/machine.ts";
import type { Hello } from "../../stack/session/messages.ts";
import { setEdges } from "../edges/edges.ts";
import { awaitReturn } from "./departure.ts";
import { newSession } from "./registration.ts";
import { inTurn, type SessionTable } from "./session.ts";
import { updateStack } from "./stack-entry.ts";

/**
 * Restores the stacks that the last home knew, where that home was killed and their runners live: their names lead to
 * services that are starting, so requests wait, until the runners are back. To be called before the door opens.
 */
export function restoreStacks(table: SessionTable): void {
  const { stackBook } = table.home;
  for (const hello of stackBook.list()) {
    if (machine.isRunning(hello.runner)) restoreStack(table, hello);
    else stackBook.forget(hello.stack);
  }
}

function restoreStack(table: SessionTable, hello: Hello): void {
  const { home } = table;
  const session = newSession(table, hello);
  if (session === null) return;
  session.restored = true;
  updateStack(home, session.stack, withProcesses(table, hello));
  void inTurn(table, hello.stack, async () => await setEdges(session.stack, hello.edges, home)).catch(failed);
  void awaitReturn(table, session).catch(failed);
}

/** Processes are on record by themselves; a service without one would take its own off that record. */
function withProcesses({ home }: SessionTable, hello: Hello): Hello {
  const records = home.book.list(hello.stack);
  const services = hello.services.map((service) => {
    const process = records.find((record) => record.service === service.name)?.process ?? null;
    return { ...service, status: { ...service.status, process } };
  });
  return { ...hello, services };
}

function failed(error: unknown): void {
  console.error("a stack of the last home was not restored:", error);
}
