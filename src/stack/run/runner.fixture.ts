import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { scratch } from "../../../test/support/scratch.ts";
import { sleep } from "../../async/sleep.ts";
import { type Fault, isFault, orThrow } from "../../fault/fault.ts";
import { openLeases } from "../../lease/leases.ts";
import type { Project } from "../../lease/project.ts";
import { machine } from "../../machine/machine.ts";
import { command } from "../../services/command/command.ts";
import type { AnyKind } from "../../services/kind/kind.ts";
import { openState, type State } from "../../state/state.ts";
import type { Plan, PlannedService } from "../plan/plan.ts";
import type { HomeLink, LinkHandlers, Welcome } from "../session/link.ts";
import type { Hello, RunnerMessage } from "../session/messages.ts";
import { type RunningStack, runStack } from "./runner.ts";

/** What a test says of one service; the rest is as a config without it would have it. */
export type Draft = Partial<Omit<PlannedService, "name" | "options" | "kind">> & {
  readonly kind?: AnyKind;
  /** A node program's text, or the options of another kind. */
  readonly node?: string;
  readonly options?: unknown;
};

export interface Bench {
  readonly folder: string;
  readonly state: State;
  readonly project: Project;
  readonly plan: (services: Readonly<Record<string, Draft>>) => Plan;
  readonly run: (services: Readonly<Record<string, Draft>>) => Running;
}

export interface Running {
  readonly stack: RunningStack;
  /** All that home was told. */
  readonly sent: RunnerMessage[];
  readonly handlers: () => LinkHandlers;
  /** `web ready`, `web stopped` …, each change of state once, in order. */
  readonly states: string[];
  /** The text of all log lines so far. */
  readonly log: () => string;
  readonly port: (service: string) => number;
  /** What the config is from now on, for the next apply or restart. */
  readonly edit: (services: Readonly<Record<string, Draft>> | Fault) => void;
}

/** Real leases, a real state folder, real processes; of home only the runner's end of the line. */
export function bench(name = "shop"): Bench {
  const folder = scratch("runner");
  const state = orThrow(openState({ folder: join(folder, "state") }));
  onTestFinished(() => state.close());
  const leases = openLeases(state, { range: [61_000, 65_000] });
  const root = join(folder, "project");
  mkdirSync(root);
  const project: Project = { root, branch: null, key: Buffer.from(folder).toString("hex").slice(-16), name };

  function serviceOf(service: string, draft: Draft): PlannedService {
    const { kind = command as AnyKind, node, options, ...rest } = draft;
    const file = join(root, `${service}.mjs`);
    if (node !== undefined) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, node);
    }
    const given = options ?? { command: [process.execPath, file] };
    const lease = orThrow(leases.take({ project, holder: `service:${service}` }));
    return {
      name: service,
      kind,
      options: given,
      address: { host: lease.host, port: lease.port },
      needs: [],
      ready: kind.ready(given),
      readyTimeout: 20_000,
      restart: { when: "on-failure", max: 8 },
      env: {},
      cwd: root,
      names: [],
      stopTimeout: 5_000,
      ...rest,
    };
  }

  function plan(services: Readonly<Record<string, Draft>>): Plan {
    const planned = Object.entries(services).map(([service, draft]) => serviceOf(service, draft));
    const edges = planned.flatMap(({ name: from, needs }) =>
      needs.map((to) => {
        const { host, port } = orThrow(leases.take({ project, holder: `edge:${from}→${to}` }));
        return { id: `${from}→${to}`, from, to, address: { host, port } };
      }),
    );
    const facts = { project, name, single: false, network: null, https: null, file: null, realPorts: true as const };
    return { ...facts, services: planned, edges };
  }

  function run(services: Readonly<Record<string, Draft>>): Running {
    const planned = plan(services);
    const { link, sent, handlers } = lineToHome(planned);
    let next: Plan | Fault = planned;
    const stack = runStack(planned, { state, link, baseEnv: process.env, replan: async () => next });
    onTestFinished(() => stack.stop());
    const states: string[] = [];
    const lines: string[] = [];
    stack.on("status", (service, { state: now }) => {
      if (states.findLast((one) => one.startsWith(`${service} `)) !== `${service} ${now}`)
        states.push(`${service} ${now}`);
    });
    stack.on("log", (line) => lines.push(`${line.service} ${line.stream} ${line.text}`));
    return {
      stack,
      sent,
      handlers,
      states,
      log: () => lines.join("\n"),
      edit: (edited) => {
        next = isFault(edited) ? edited : plan(edited);
      },
      port: (service) => stack.plan().services.find((one) => one.name === service)?.address.port ?? 0,
    };
  }
  return { folder, state, project, plan, run };
}

function lineToHome(plan: Plan): { link: HomeLink; sent: RunnerMessage[]; handlers: () => LinkHandlers } {
  const sent: RunnerMessage[] = [];
  let told: LinkHandlers | undefined;
  const welcome = (hello: Hello): Welcome => {
    const names = Object.fromEntries(hello.services.map(({ name }) => [name, [`${name}.${plan.name}.localhost`]]));
    return {
      type: "welcome",
      base: plan.name,
      port: 62_893,
      telemetry: "http://127.0.0.1:62893/otlp/KEY",
      names,
      broken: [],
    };
  };
  return {
    sent,
    handlers: () => {
      if (told === undefined) throw new Error("the link was not opened");
      return told;
    },
    link: {
      open: async (handlers): Promise<Welcome | Fault> => {
        told = handlers;
        const hello = handlers.hello();
        sent.push(hello);
        handlers.welcome(welcome(hello));
        return welcome(hello);
      },
      send: (message) => void sent.push(message),
      renew: (hello) => {
        sent.push(hello);
        told?.welcome(welcome(hello));
      },
      close: async () => void sent.push({ type: "bye" }),
    },
  };
}

/** Waits until something is so, looking every 20 ms. */
export async function until(what: () => boolean, limit = 15_000): Promise<void> {
  const deadline = performance.now() + limit;
  while (!what()) {
    if (performance.now() > deadline) throw new Error(`timed out waiting for: ${what}`);
    await sleep(20);
  }
}

/** True while a process with this pid runs, a zombie not counted. */
export function runs(pid: number): boolean {
  const started = machine.startStamp(pid);
  return started !== null && machine.isRunning({ pid, started });
}

/** Node programs that tests start. */
export const PROGRAMS = {
  server: `import { createServer } from "node:http";
    createServer((_, res) => res.end("pid " + process.pid)).listen(process.env.PORT, process.env.HOST);
    console.log("up as " + process.pid);`,
  deaf: `import { createServer } from "node:http";
    process.on("SIGTERM", () => console.log("not now"));
    createServer().listen(process.env.PORT, process.env.HOST);`,
};
