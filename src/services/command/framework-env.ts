import type { Address } from "../../address/address.ts";
import type { DoorPlace } from "../kind/kind.ts";
import { leasedPortEnv } from "./door-port.ts";
import { filledIn, given, recognise, toldBy } from "./framework-flags.ts";
import { FRAMEWORKS } from "./frameworks.ts";

/**
 * `base` with the variables that frameworks read besides PORT and HOST, for an address and, where the service has a name, its
 * place at the door: the command's own framework's, and those that are for every command. What `base` has stays.
 */
export function frameworkEnv(
  command: string | readonly string[],
  at: Address,
  cwd: string,
  door: DoorPlace | null,
  base: Readonly<Record<string, string>>,
): Record<string, string> {
  const found = recognise(command, cwd);
  const rows = FRAMEWORKS.filter((row) => row === found?.framework || row.everywhere === true);
  const forms = rows.flatMap(({ env = {} }) => Object.entries(env));
  const values = forms.flatMap(([name, form]): [string, string][] => {
    const value = base[name] === undefined ? filledIn(form, at, door) : null;
    return value === null ? [] : [[name, value]];
  });
  return { ...base, ...Object.fromEntries(values), ...listenerEnv(command, at, found, door, base) };
}

/** What puts the listener of a program that is told the door's port at its own; nothing where it is told its own. */
function listenerEnv(
  command: string | readonly string[],
  at: Address,
  found: ReturnType<typeof recognise>,
  door: DoorPlace | null,
  base: Readonly<Record<string, string>>,
): Record<string, string> {
  if (found === null || found.framework === null) return {};
  const { framework, program } = found;
  const { listen, toldDoorPort } = framework;
  const told = toldBy(framework, program, command, at, door);
  const stays = toldDoorPort === "unless given" && listen.by === "flags" && given(program.args, listen.port);
  if (told.port === at.port || stays) return {};
  const byPort = listen.by === "env" && base.PORT === String(at.port);
  return { ...leasedPortEnv(framework, told, at, base), ...(byPort && { PORT: String(told.port) }) };
}
