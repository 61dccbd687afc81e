import { dirname } from "node:path";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { connectHome, type HomeClient } from "../../../home/client/client.ts";
import type { Snapshot, StackView } from "../../../home/view/view.ts";
import { identifyProject } from "../../../lease/project.ts";
import { findConfig } from "../../../stack/config/config.ts";
import type { Context } from "../../terminal/context.ts";

/** A running home and what it shows; the fault says how to start something. */
export async function runningHome(): Promise<{ home: HomeClient; snapshot: Snapshot } | Fault> {
  const home = await connectHome();
  if (isFault(home)) return home;
  const snapshot = home === null ? null : await home.snapshot();
  if (snapshot !== null && isFault(snapshot)) return snapshot;
  if (home === null || snapshot === null) {
    return fault("STACK_UNKNOWN", "nothing runs", "start something with: cove up, or cove run -- <command>");
  }
  return { home, snapshot };
}

/** The stack that a command means: the one named, else this folder's, else the only one there is. */
export async function findStack(context: Context, snapshot: Snapshot, name?: string): Promise<StackView | Fault> {
  const { stacks } = snapshot;
  if (name !== undefined) {
    const named = stacks.find((stack) => stack.name === name || stack.id === name);
    return named ?? unknown(`no stack ${name} is up`, stacks);
  }
  const config = await findConfig(context.cwd);
  const { key, root, branch } = await identifyProject(config === null ? context.cwd : dirname(config));
  const here = stacks.filter((stack) => stack.id === key || (stack.root === root && stack.branch === branch));
  const [only] = stacks;
  const [first] = here;
  if (first !== undefined && (here.length === 1 || first.id === key)) return here.find(({ id }) => id === key) ?? first;
  if (here.length > 1) return unknown("this folder has several stacks", here);
  if (stacks.length === 1 && only !== undefined) return only;
  return unknown("no stack of this folder is up", stacks);
}

/** A stack and the services of it that the words name: `web`, `shop/web`; none means all. */
export async function findServices(
  context: Context,
  snapshot: Snapshot,
  words: readonly string[],
): Promise<{ stack: StackView; services: string[] } | Fault> {
  const [first] = words;
  const slash = first?.lastIndexOf("/") ?? -1;
  const named = first !== undefined && slash > 0 ? first.slice(0, slash) : undefined;
  let stack = await findStack(context, snapshot, named);
  if (isFault(stack) && first !== undefined && named === undefined) {
    // `cove logs shop` from anywhere.
    const byName = snapshot.stacks.find(({ name }) => name === first);
    if (byName !== undefined) return { stack: byName, services: [] };
    const owners = snapshot.stacks.filter(({ services }) => services.some((service) => service.name === first));
    if (owners.length === 1 && owners[0] !== undefined) stack = owners[0];
  }
  if (isFault(stack)) return stack;
  const services = words.map((word) => word.slice(word.lastIndexOf("/") + 1));
  for (const service of services) {
    if (stack.services.some(({ name }) => name === service)) continue;
    if (words.length === 1 && snapshot.stacks.some(({ name }) => name === service)) {
      const other = snapshot.stacks.find(({ name }) => name === service);
      if (other !== undefined) return { stack: other, services: [] };
    }
    const has = stack.services.map(({ name }) => name).join(", ");
    return fault("SERVICE_UNKNOWN", `${stack.name} has no service ${service}`, `it has: ${has}`, { service });
  }
  return { stack, services };
}

function unknown(message: string, stacks: readonly StackView[]): Fault {
  const up = stacks.map(({ name }) => name).join(", ");
  return fault("STACK_UNKNOWN", message, up === "" ? "start it with: cove up" : `up are: ${up}; name one of them`);
}
