import { type Fault, isFault } from "../../fault/fault.ts";
import type { ServiceContext } from "../../services/kind/kind.ts";
import { serviceEnv } from "../plan/environment.ts";
import type { PlannedService } from "../plan/plan.ts";
import { describeService } from "./hello.ts";
import { type Running, supervisorOf } from "./running.ts";

/** What one start of a service begins with: environment, folders, URL. Home gets it. */
export async function startContext(
  running: Running,
  service: PlannedService,
): Promise<ServiceContext<unknown> | Fault> {
  const { plan, state, baseEnv, welcome, boxes } = running;
  const { name, options, address, cwd } = service;
  const env = await serviceEnv(plan, service, welcome?.names[name] ?? [], welcome?.port ?? 0, state, baseEnv);
  if (isFault(env)) return env;
  const dataDir = state.serviceDir(plan.project.key, name);
  const place = boxes.get(name)?.place;
  const context = {
    ...{ name, project: plan.project, options, address, cwd, dataDir, env, log: supervisorOf(running, name).note },
    ...(place !== undefined && { socketDir: place.folder }),
  };
  const url = (await service.kind.url?.(context, address)) ?? (place === undefined ? null : `unix:${place.inlet}`);
  running.facts.set(name, { env: added(env, baseEnv), url: isFault(url) ? null : url });
  running.link.send({ type: "service", service: describeService(running, service) });
  return context;
}

/** What a service's environment has beyond the runner's own: all that home needs to know of it. */
function added(env: Readonly<Record<string, string>>, base: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => base[name] !== value));
}
