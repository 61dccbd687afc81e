import { type Fault, fault } from "../../fault/fault.ts";
import type { Hello } from "../../stack/session/messages.ts";
import type { LiveStack } from "../model/live-stack.ts";
import { version } from "../view/version.ts";

export function unknownStack(name: string, stacks: Iterable<LiveStack>): Fault {
  const up = [...stacks].map((stack) => stack.name);
  const hint = up.length === 0 ? "nothing is up; start one with: cove up" : `up are: ${up.join(", ")}`;
  return fault("STACK_UNKNOWN", `no stack ${name} is up`, hint, { stack: name, up });
}

export function unknownService(stack: LiveStack, service: string): Fault {
  const services = [...stack.services.keys()];
  return fault("SERVICE_UNKNOWN", `${stack.name} has no service ${service}`, `it has: ${services.join(", ")}`, {
    stack: stack.name,
    service,
    services,
  });
}

/** `name`: what was granted to the one that is up. */
export function alreadyUp(hello: Hello, pid: number, name?: string): Fault {
  const message = `${hello.base} is already up in ${hello.root} (runner pid ${pid})`;
  const detail = { stack: hello.stack, root: hello.root, pid, ...(name !== undefined && { name }) };
  return fault("STACK_RUNNING", message, "see it with: cove, or end it with: cove down", detail);
}

export function tooManyOf(base: string): Fault {
  return fault("NAME_TAKEN", `a hundred stacks named ${base} are up already`, "end some with: cove down");
}

export function otherVersion(hello: Hello): Fault {
  const message = `the running home is Cove ${version()}, and this runner is ${hello.version}`;
  return fault("HOME_MISMATCH", message, "end home with: cove stop", { running: version(), wanted: hello.version });
}

export function noSuchRunner(hello: Hello): Fault {
  return fault("REQUEST_INVALID", `the runner's process (pid ${hello.runner.pid}) is not running`);
}

export function notConnected(stack: LiveStack): Fault {
  const message = `the runner of ${stack.name} (pid ${stack.runner.pid}) is not connected`;
  return fault("HOME_UNREACHABLE", message, "try again in a moment");
}

/** Its runner can do nothing at the moment; the services go on. */
export function suspended({ name, runner }: LiveStack): Fault {
  return fault(
    "RUNNER_UNREACHABLE",
    `the runner of ${name} (pid ${runner.pid}) is suspended`,
    `let it go on: kill -CONT ${runner.pid}, or fg in its terminal; or take the stack down: cove down`,
    { stack: name, pid: runner.pid, suspended: true },
  );
}

/** What it runs is named: nobody else can end that in order. */
export function silent({ name, runner, services }: LiveStack): Fault {
  const left = [...services.values()].flatMap(({ facts }) => {
    const { process } = facts.status;
    return process === null ? [] : [`${facts.name} (pid ${process.pid})`];
  });
  return fault(
    "RUNNER_UNREACHABLE",
    `the runner of ${name} (pid ${runner.pid}) does not answer${left.length === 0 ? "" : `; ${left.join(", ")} still run`}`,
    `end it with: kill -KILL ${runner.pid}; Cove then ends its services`,
    { stack: name, pid: runner.pid, suspended: false },
  );
}

export function ending(): Fault {
  return fault("HOME_UNREACHABLE", "home is ending", "try again in a moment");
}

export function badHello(): Fault {
  return fault("REQUEST_INVALID", "a session begins with a hello that this version knows", "end home with: cove stop");
}
