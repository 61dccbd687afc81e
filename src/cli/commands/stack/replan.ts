import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { openLeases } from "../../../lease/leases.ts";
import { identifyProject, type Project } from "../../../lease/project.ts";
import { type LoadedConfig, loadConfig } from "../../../stack/config/config.ts";
import { type Plan, planStack } from "../../../stack/plan/plan.ts";
import { openState } from "../../../state/state.ts";

/** Plans a config's stack, with its leases. */
export function planOf(config: LoadedConfig, project: Project): Plan | Fault {
  const state = openState();
  if (isFault(state)) return state;
  const plan = planStack(config, project, openLeases(state));
  state.close();
  if (isFault(plan) || plan.services.length > 0) return plan;
  return fault("CONFIG_INVALID", `${config.file} has no services`, 'add one, for example: web: command("vite")');
}

/** Plans the stack of a folder from its config as it is when this is called: the same stack, whatever branch is checked out by then. */
export async function replan(dir: string, project: Project): Promise<Plan | Fault> {
  const config = await loadConfig(dir);
  if (isFault(config)) return config;
  if (config.dir !== dir) {
    return fault("CONFIG_MISSING", `no cove.config.ts, cove.yaml or cove.json in ${dir} any more`, undefined, { dir });
  }
  const { name } = await identifyProject(dir);
  return planOf(config, { ...project, name });
}
