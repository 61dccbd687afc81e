import { resolve } from "node:path";
import { isLoopback } from "../../../address/classify.ts";
import { formatAddress } from "../../../address/parse.ts";
import { isPort } from "../../../address/ports.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { createGuard } from "../../../guard/guard.ts";
import type { PeerPolicy } from "../../../guard/peer.ts";
import { createRefusals } from "../../../guard/refusals.ts";
import { connectHome, type HomeClient } from "../../../home/client/client.ts";
import { ensureHome } from "../../../home/client/ensure.ts";
import { machine } from "../../../machine/machine.ts";
import { isUnreadable, readUserText } from "../../../text/user-text.ts";
import { openToxiproxy, TOXIPROXY_PORT, type Toxiproxy, type ToxiproxyOptions } from "../../../toxiproxy/server.ts";
import type { Context } from "../../terminal/context.ts";
import { interrupted } from "../../terminal/interrupted.ts";
import { table } from "../../terminal/table.ts";
import type { CoveCommand, Options, Outcome } from "../command.ts";
import { folderProject, stacksOf } from "../stack/folder-project.ts";
import { runningHint } from "../stack/project-stack.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .option("--host <host>", "where the API listens (default: 127.0.0.1)")
      .option("--port <port>", `its port; 0: any free one (default: ${TOXIPROXY_PORT})`)
      .option("--config <file>", "proxies to begin with: a JSON list as POST /populate takes it")
      .option("--seed <number>", "the same seed draws the same jitter and toxicity")
      .option("--expose", "let other machines and users in, to the API and to proxies")
      .option("--home", "in Cove's home, where the edges of stacks are proxies as well")
      .option("--off", "with --home: end it there")
      .option("--all", "with --off: also where its proxies are other folders' edges")
      .addHelpText(
        "after",
        `
Toxiproxy's HTTP API over Cove's relays: its clients work unchanged.

Examples:
  cove toxiproxy
  cove toxiproxy --port 8475 --config toxiproxy.json --seed 7
  cove toxiproxy --home                   edges are proxies named shop:api→db
  cove toxiproxy --home --off`,
      );
  },
  run: async (context, _, options) => {
    const port = portOf(options.port);
    if (isFault(port)) return port;
    if (options.home === true) return inHome(context, port, options);
    const { host = "127.0.0.1", expose = false } = options;
    if (expose !== true && !isLoopback(String(host))) {
      return fault(
        "BIND_EXPOSED",
        `on ${String(host)} others on the network could open ports here and read what passes`,
        "leave --host out, or say that you want it: --expose",
      );
    }
    const seed = seedOf(options.seed);
    if (isFault(seed)) return seed;
    const server = await openToxiproxy({
      host: String(host),
      ...(port !== undefined && { port }),
      ...(seed !== undefined && { seed }),
      ...(expose === true ? { expose } : { admit: ownUserOnly() }),
    });
    if (isFault(server)) return server;
    const failed = await populate(context, server, options.config);
    if (isFault(failed)) {
      await server.close();
      return failed;
    }
    tell(context, server, failed);
    if (expose === true)
      context.note("others can reach it: --expose lets in who comes from other machines, and other users");
    await interrupted();
    await server.close();
    return 0;
  },
};

async function inHome(context: Context, port: number | undefined, options: Options): Promise<Outcome> {
  for (const own of ["host", "config", "seed", "expose"]) {
    if (options[own] !== undefined) return fault("USAGE", `--${own} is not for --home`, "leave out one of them");
  }
  if (options.off === true) {
    const home = await connectHome();
    if (isFault(home)) return home;
    const others = home === null || options.all === true ? null : await othersUse(context, home);
    if (others !== null) return others;
    const failed = await home?.closeToxiproxy();
    if (isFault(failed)) return failed;
    if (context.json) context.printJson({ url: null });
    else context.print("the Toxiproxy API is closed");
    return 0;
  }
  const home = await ensureHome();
  if (isFault(home)) return home;
  const opened = await home.openToxiproxy(port);
  if (isFault(opened)) return opened;
  const url = `http://${formatAddress(opened)}`;
  if (context.json) context.printJson({ url, ...opened });
  else {
    context.print(`toxiproxy API  ${url}`);
    context.print(context.paint("dim", "  the edges of stacks are proxies there; cove toxiproxy --home --off ends it"));
  }
  return 0;
}

/** Its proxies are the edges of every stack: a project with none of them doesn't end it by the way. */
async function othersUse(context: Context, home: HomeClient): Promise<Fault | null> {
  const snapshot = await home.snapshot();
  if (isFault(snapshot)) return snapshot;
  const project = await folderProject(context.cwd);
  const isElsewhere = project.configured && stacksOf(project, snapshot.stacks).length === 0;
  if (!isElsewhere || snapshot.stacks.length === 0) return null;
  return fault(
    "NOT_CONFIRMED",
    `its proxies are the edges of other folders' stacks; ${runningHint(snapshot.stacks, "")}`,
    "to end it all the same: cove toxiproxy --home --off --all",
  );
}

/** What `--config` holds, made; prints nothing. Faults: CONFIG_MISSING, CONFIG_INVALID. */
async function populate(context: Context, server: Toxiproxy, config: unknown): Promise<string[][] | Fault> {
  if (typeof config !== "string") return [];
  const file = resolve(context.cwd, config);
  const text = readUserText(file);
  if (isUnreadable(text)) return fault("CONFIG_MISSING", `${file} ${text.unreadable}`, "give --config a JSON file");
  let wanted: unknown;
  try {
    wanted = JSON.parse(text);
  } catch (error) {
    return fault("CONFIG_INVALID", `${file} is no JSON: ${(error as Error).message}`, EXAMPLE);
  }
  const { proxies, problem } = await server.populate(wanted);
  if (problem !== null) return fault("CONFIG_INVALID", `${file}: ${problem.error}`, EXAMPLE);
  return proxies.map((proxy) => {
    const { listen, upstream, enabled } = proxy.state();
    return [proxy.name, listen, `→ ${upstream}${enabled ? "" : "  (not enabled)"}`];
  });
}

const EXAMPLE = 'for example: [{"name": "redis", "listen": "127.0.0.1:26379", "upstream": "127.0.0.1:6379"}]';

function tell(context: Context, { address, seed }: Toxiproxy, proxies: string[][]): void {
  const url = `http://${formatAddress(address)}`;
  if (context.json) {
    context.printJson({ url, ...address, seed, proxies: proxies.map(([name, listen]) => ({ name, listen })) });
    return;
  }
  context.print(`toxiproxy API  ${url}`);
  for (const line of table(proxies)) context.print(line);
  context.print(context.paint("dim", `seed ${seed}; Ctrl-C ends it`));
}

/** Connections of this user and root, as everywhere in Cove; where the system can't tell, all. */
function ownUserOnly(): NonNullable<ToxiproxyOptions["admit"]> {
  const isOwner = (uid: number) => uid === 0 || uid === process.getuid?.();
  const { peer } = machine;
  const api: PeerPolicy = { service: "cove/toxiproxy", lets: isOwner, programs: null, namedOnly: true };
  // What a proxy leads to can be reached without it.
  const proxy: PeerPolicy = { ...api, namedOnly: false };
  const guard = createGuard({
    ...(peer !== undefined && { look: peer }),
    ...{ door: api, isOwner, refusals: createRefusals(() => {}) },
  });
  return (socket, to) => guard.admit(socket, to === "api" ? api : proxy);
}

/** Unlike elsewhere 0 is a port here: any free one. */
function portOf(value: unknown): number | undefined | Fault {
  if (value === undefined) return undefined;
  const port = Number(value);
  if (isPort(port)) return port;
  return fault("USAGE", `--port takes a number from 0 to 65535, not ${String(value)}`, "leave it out for 8474");
}

function seedOf(value: unknown): number | undefined | Fault {
  if (value === undefined) return undefined;
  const seed = Number(value);
  if (Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff) return seed;
  return fault("USAGE", `${String(value)} is no seed`, "a whole number from 0 to 4294967295");
}
