import { isIPv4 } from "node:net";
import { fileURLToPath } from "node:url";
import type { Address } from "../../address/address.ts";
import { ownPreload } from "../../own-files/own-files.ts";
import type { DoorPlace } from "../kind/kind.ts";
import type { Framework } from "./frameworks.ts";
import type { Program } from "./program.ts";

/** Programs that run others without Node, or without the variables that they got. */
const KEEPS_FROM_NODE = /(^|[\s'"])(bunx?|deno|turbo|nx|lerna|--bun)($|[\s'"])/;

/** Whether what a command starts is run by Node, with the variables that it gets, as far as its line tells. */
export function loadsPreload(command: string | readonly string[]): boolean {
  return !KEEPS_FROM_NODE.test(typeof command === "string" ? command : command.join(" "));
}

/**
 * The port that a framework is told to listen at: the door's, where its page's client goes to the port that the server was
 * told, whatever the page's own is ({@link Framework.toldDoorPort}). A preload then has it listen at `at`; so only Node
 * programs can be told, none that gets NODE_OPTIONS of its own. Otherwise its own.
 */
export function toldPort(
  { toldDoorPort }: Framework,
  { env }: Program,
  command: string | readonly string[],
  at: Address,
  door: DoorPlace | null,
): number {
  const reaches = env.NODE_OPTIONS === undefined && loadsPreload(command) && isIPv4(at.host);
  return toldDoorPort !== undefined && door !== null && reaches ? door.port : at.port;
}

/** The variables that put the listener of a program that was told another port at its own; `options`: its NODE_OPTIONS. */
export function leasedPortEnv(told: number, at: Address, options: string | undefined): Record<string, string> {
  // NODE_OPTIONS is split at spaces, but not within quotes (node's cli docs).
  const file = fileURLToPath(ownPreload("leased-port")).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return {
    NODE_OPTIONS: `${options === undefined ? "" : `${options} `}--require "${file}"`,
    COVE_LEASED_PORT: `${told}=${at.host}:${at.port}`,
  };
}
