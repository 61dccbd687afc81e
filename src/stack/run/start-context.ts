import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { localNamesResolve } from "../../machine/local-names.ts";
import type { ServiceContext } from "../../services/kind/kind.ts";
import { isGap } from "../../text/fill-in.ts";
import { doorUrlOf, type ServiceEnv, serviceEnv } from "../plan/environment.ts";
import { launchFill } from "../plan/fill-service.ts";
import { bindPolicy, type PlannedService } from "../plan/plan.ts";
import { stampStartFiles } from "../plan/start-files.ts";
import { describeService } from "./hello.ts";
import { type Running, supervisorOf } from "./running.ts";
import { prepareTracing } from "./tracing.ts";

/** What one start of a service begins with: environment, folders, URL. Home gets it. */
export async function startContext(
  running: Running,
  service: PlannedService,
): Promise<ServiceContext<unknown> | Fault> {
  const { plan, state, baseEnv, welcome, boxes } = running;
  const { name, address, cwd } = service;
  const files = stampStartFiles(service);
  const names = welcome?.names[name] ?? [];
  const doorPort = welcome?.port ?? 0;
  const told = await serviceEnv(plan, service, {
    ...{ names, doorPort, state, baseEnv, namesResolve: service.hostNames === true || (await localNamesResolve()) },
    doorUrl: (other) => doorUrlOf(welcome?.names[other] ?? [], doorPort),
    ...telemetryFor(running, service),
  });
  if (isFault(told)) return told;
  const { env, references } = told;
  const options = launchOptions(service, told);
  if (isFault(options)) return options;
  const dataDir = state.serviceDir(plan.project.key, name);
  const place = boxes.get(name)?.place;
  const [host] = names;
  const context = {
    ...(host !== undefined && welcome !== null && { door: { host, port: welcome.port } }),
    ...{ name, project: plan.project, options, address, cwd, dataDir, env, references },
    log: supervisorOf(running, name).note,
    ...(place !== undefined && { socketDir: place.folder }),
  };
  const url = (await service.kind.url?.(context, address)) ?? (place === undefined ? null : `unix:${place.inlet}`);
  running.starts.set(name, { env, files });
  running.facts.set(name, { env: added(env, baseEnv), url: isFault(url) ? null : url });
  running.tracing.set(name, await prepareTracing(running, service));
  running.link.send({ type: "service", service: describeService(running, service) });
  return context;
}

/** Where it may send OTLP to: nowhere without a home, nor from a box, which the door's address isn't in. */
export function telemetryFor({ welcome }: Running, service: PlannedService): { telemetry?: string } {
  return welcome === null || bindPolicy(service) === "box" ? {} : { telemetry: welcome.telemetry };
}

/** The options with `${NAME}` of the config's command lines filled in. Fault: CONFIG_INVALID. */
function launchOptions(service: PlannedService, { env, references }: ServiceEnv): unknown {
  const { name, kind, options, configEnv } = service;
  // Words on Cove's own command line are no config's: they stay.
  const filled =
    configEnv === undefined ? options : (kind.filled?.(options, launchFill(service, env, references)) ?? options);
  return isGap(filled) ? fault("CONFIG_INVALID", `${name}: ${kind.name} ${filled.problem}`, filled.hint) : filled;
}

/** What a service's environment has beyond the runner's own: all that home needs to know of it. */
function added(env: Readonly<Record<string, string>>, base: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => base[name] !== value));
}
