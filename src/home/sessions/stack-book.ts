import { type Hello, runnerMessage } from "../../stack/session/messages.ts";
import { forgetLiveStack, listLiveStacks, recordLiveStack } from "../../state/live-stacks.ts";
import type { State } from "../../state/state.ts";
import { hidePasswords } from "../view/redact.ts";
import { version } from "../view/version.ts";
import { orderedWrites } from "./ordered-writes.ts";

/** The stacks that are up, on disk, so that the next home knows their names before their runners are back. */
export interface StackBook {
  /** What the runner says now; `granted` is the name that its stack has. */
  readonly set: (hello: Hello, granted: string) => void;
  /** The stack isn't up any more, or has lost its names. */
  readonly forget: (stack: string) => void;
  /** What the last home knew, as this version understands it: everything else is forgotten. */
  readonly list: () => Hello[];
  /** Resolves when all that was set so far is on disk. */
  readonly written: () => Promise<unknown>;
}

export function openStackBook(state: State): StackBook {
  const known = new Map<string, string>();
  for (const { stack, said } of listLiveStacks(state)) known.set(stack, said);
  const writes = orderedWrites("the table of stacks");

  const forget = (stack: string) => {
    if (known.delete(stack)) writes.add(() => forgetLiveStack(state, stack));
  };
  return {
    set: (hello, granted) => {
      const { stack } = hello;
      const said = JSON.stringify(withoutSecrets(hello, granted));
      if (known.get(stack) === said) return;
      known.set(stack, said);
      writes.add(() => recordLiveStack(state, { stack, said }));
    },
    forget,
    list: () =>
      [...known].flatMap(([stack, said]) => {
        const hello = parse(said);
        if (hello === null) forget(stack);
        return hello ?? [];
      }),
    written: writes.written,
  };
}

/** What a name at the door and its guard need. Environments, log lines and URLs with passwords stay in memory. */
function withoutSecrets(hello: Hello, granted: string): Hello {
  const services = hello.services.map((service) => ({
    ...service,
    label: hidePasswords(service.label),
    url: null,
    env: {},
    status: { ...service.status, state: "starting" as const, process: null, readyAt: null, readyMs: null, cause: null },
  }));
  return { ...hello, granted, services, logs: [] };
}

function parse(said: string): Hello | null {
  const { data } = runnerMessage.safeParse(JSON.parse(said));
  return data?.type === "hello" && data.version === version() ? data : null;
}
