import { isIPv4 } from "node:net";
import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { ownCopy, ownPreload } from "../../own-files/own-files.ts";
import type { DoorPlace } from "../kind/kind.ts";
import type { Framework } from "./framework.ts";
import type { Program } from "./program.ts";

/** Programs that run others without Node, or without the variables that they got. */
const KEEPS_FROM_NODE = /(^|[\s'"])(bunx?|deno|turbo|nx|lerna|--bun)($|[\s'"])/;

/** Whether what a command starts is run by Node, with the variables that it gets, as far as its line tells. */
export function loadsPreload(command: string | readonly string[]): boolean {
  return !KEEPS_FROM_NODE.test(typeof command === "string" ? command : command.join(" "));
}
/** Flags by which Python or Ruby load nothing in front. */
const KEEPS_FROM_OTHERS = /(^|\s)(-[IES]+|--disable[-=](all|rubyopt))($|\s)/;

/**
 * The address that a framework is told to listen at: with the door's port, where its page's client goes to the port that the
 * server was told ({@link Framework.toldDoorPort}), or wholly the door's ({@link Framework.toldDoor}). A file loaded in front
 * then has it listen at `at`; so only programs can be told that load it, none that gets NODE_OPTIONS of its own. Otherwise
 * `at`.
 */
export function toldAddress(
  { toldDoorPort, toldDoor }: Framework,
  { env }: Program,
  command: string | readonly string[],
  at: Address,
  door: DoorPlace | null,
): Address {
  if (door === null || !isIPv4(at.host)) return at;
  if (toldDoor !== undefined) {
    const own = toldDoor === "python" ? env.PYTHONPATH : env.RUBYOPT;
    const line = typeof command === "string" ? command : command.join(" ");
    return own === undefined && !KEEPS_FROM_OTHERS.test(line) ? { host: door.host, port: door.port } : at;
  }
  const reaches = env.NODE_OPTIONS === undefined && loadsPreload(command);
  return toldDoorPort !== undefined && reaches ? { ...at, port: door.port } : at;
}

/** The variables that put the listener of a program that was told another port at its own; `base`: what it has already. */
export function leasedPortEnv(
  { toldDoor }: Framework,
  told: Address,
  at: Address,
  base: Readonly<Record<string, string>>,
): Record<string, string> {
  const place = toldDoor === undefined ? told.port : formatAddress(told);
  const COVE_LEASED_PORT = `${place}=${formatAddress(at)}`;
  switch (toldDoor) {
    case "python": {
      const folder = dirname(fileURLToPath(ownCopy("leased-port/sitecustomize.py")));
      return { PYTHONPATH: joined(folder, base.PYTHONPATH, delimiter), COVE_LEASED_PORT };
    }
    case "ruby":
      // RUBYOPT knows no quotes.
      return {
        RUBYLIB: joined(dirname(fileURLToPath(ownCopy("leased-port/leased_port.rb"))), base.RUBYLIB, delimiter),
        RUBYOPT: joined("-rleased_port", base.RUBYOPT, " "),
        COVE_LEASED_PORT,
      };
    default: {
      // NODE_OPTIONS is split at spaces, but not within quotes (node's cli docs).
      const file = fileURLToPath(ownPreload("leased-port")).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
      const before = base.NODE_OPTIONS === undefined ? "" : `${base.NODE_OPTIONS} `;
      return { NODE_OPTIONS: `${before}--require "${file}"`, COVE_LEASED_PORT };
    }
  }
}

const joined = (first: string, rest: string | undefined, between: string): string =>
  rest === undefined || rest === "" ? first : `${first}${between}${rest}`;
