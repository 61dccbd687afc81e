import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { scratch } from "../../test/support/scratch.ts";
import { isFault, orThrow } from "../fault/fault.ts";
import { type Leases, openLeases } from "../lease/leases.ts";
import type { Project } from "../lease/project.ts";
import { openState, type State } from "../state/state.ts";
import { type LoadedConfig, loadConfig } from "./config/config.ts";
import { type Plan, planStack } from "./plan/plan.ts";

/** A project's folder with these files; objects are written as JSON. */
export function projectFolder(files: Readonly<Record<string, unknown>>): string {
  const folder = scratch("stack");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
  return folder;
}

export const projectAt = (root: string, branch: string | null = null): Project => {
  return { root, branch, key: Buffer.from(root).toString("hex").slice(-16), name: "shop" };
};

/** A state file and its leases, for one test. */
export function ledger(): { state: State; leases: Leases } {
  const state = orThrow(openState({ folder: scratch("state") }));
  onTestFinished(() => state.close());
  return { state, leases: openLeases(state) };
}

export async function load(folder: string): Promise<LoadedConfig> {
  return orThrow(await loadConfig(folder));
}

/** The plan of a stack given as the content of cove.json. */
export async function planOf(
  services: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, unknown>> = {},
  { leases } = ledger(),
): Promise<Plan> {
  const folder = projectFolder({ "cove.json": { name: "shop", services }, ...files });
  return orThrow(planStack(await load(folder), projectAt(folder), leases));
}

/** What a fault says, with the folder taken out; throws when there's no fault. */
export function said(result: unknown, folder: string): string {
  if (!isFault(result)) throw new Error("no fault");
  return result.message.replaceAll(`${folder}/`, "").replaceAll(folder, ".");
}
