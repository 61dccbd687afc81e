import { formatAddress } from "../../../address/parse.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { connectHome } from "../../../home/client/client.ts";
import type { Lease } from "../../../lease/lease.ts";
import { type Leases, openLeases } from "../../../lease/leases.ts";
import { identifyProject } from "../../../lease/project.ts";
import { openState } from "../../../state/state.ts";
import type { Context } from "../../terminal/context.ts";
import { portOption, stackOption } from "../../terminal/options.ts";
import { table } from "../../terminal/table.ts";
import type { CoveCommand, Options, Outcome } from "../command.ts";
import { folderProject } from "../stack/folder-project.ts";
import { findStack, runningHome } from "../stack/project-stack.ts";
import { shownFolder } from "../stack/stack-place.ts";

export const command: CoveCommand = {
  doing: () => "asking",
  configure: (command) => {
    stackOption(command)
      .argument("[name]", "what the port is for; the same name gives the same port in this project")
      .option("--port <port>", "this port and no other")
      .option("--own-address", "a loopback address of its own (127.62.x.y)")
      .option("--list", "every lease of this user (the same as no name)")
      .option("--release", "give up this project's lease of this name or port")
      .option("--stale", "with --release: the leases of folders that are gone")
      .addHelpText(
        "after",
        "\nExamples:\n  PORT=$(cove lease tests) node server.js\n  cove lease db --own-address --port 5432\n  cove lease --list\n  cove lease --release tests\n  cove lease --release 61007",
      );
  },
  run: async (context, [name], options) => {
    const port = portOption(options.port);
    if (isFault(port)) return port;
    const folder = await folderOf(context, options);
    if (isFault(folder)) return folder;
    const state = openState();
    if (isFault(state)) return state;
    try {
      const leases = openLeases(state);
      if (options.release === true)
        return await release(context, leases, { name, folder, stale: options.stale === true });
      if (name === undefined || options.list === true) return list(context, leases);
      const lease = leases.take({
        project: await identifyProject(folder),
        holder: holderOf(name),
        ...(port !== undefined && { port }),
        ...(options.ownAddress === true && { ownAddress: true }),
      });
      if (isFault(lease)) return lease;
      // Scripts want the port alone; an address of its own is more than that.
      if (context.json) context.printJson({ ...lease });
      else context.print(options.ownAddress === true ? formatAddress(lease) : String(lease.port));
      return 0;
    } finally {
      state.close();
    }
  },
};

/** The folder whose project's leases are meant: this one, or that of `--stack`. */
async function folderOf(context: Context, { stack: option }: Options): Promise<string | Fault> {
  if (option === undefined) return context.cwd;
  const running = await runningHome();
  if (isFault(running)) return running;
  const stack = await findStack(context, running.snapshot, option);
  return isFault(stack) ? stack : stack.root;
}

function list(context: Context, leases: Leases): Outcome {
  const all = leases.list();
  if (context.json) {
    context.printJson({ leases: all });
    return 0;
  }
  const rows = all.map((lease) => [formatAddress(lease), lease.holder, context.paint("dim", lease.root)]);
  for (const line of table(rows, "")) context.print(line);
  return 0;
}

interface Release {
  readonly name: string | undefined;
  readonly folder: string;
  readonly stale: boolean;
}

async function release(context: Context, leases: Leases, { name, folder, stale }: Release): Promise<Outcome> {
  if (name === undefined && !stale)
    return fault("USAGE", "which lease?", "name it, or its port: cove lease --release 61007");
  const meant = name === undefined ? await staleLeases(leases) : await leasesNamed(leases, name, folder);
  if (isFault(meant)) return meant;
  for (const { project, holder } of meant) {
    const failed = leases.release({ project, holder });
    if (isFault(failed)) return failed;
  }
  if (meant.length === 0)
    return fault(
      "LEASE_UNKNOWN",
      `there is no lease ${name ?? "of a deleted folder"}`,
      "see them with: cove lease --list",
    );
  if (context.json) context.printJson({ released: meant.length });
  else context.print(`${meant.length} given up`);
  return 0;
}

/** A project's leases of a name or a port. Another project's port is left alone. Faults: LEASE_HELD. */
async function leasesNamed(leases: Leases, name: string, folder: string): Promise<readonly Lease[] | Fault> {
  const { roots } = await folderProject(folder);
  const all = leases.list(/^[0-9]+$/.test(name) ? { port: Number(name) } : { holder: holderOf(name) });
  const own = all.filter(({ root }) => roots.includes(root));
  const [other] = all;
  if (own.length > 0 || other === undefined || !/^[0-9]+$/.test(name)) return own;
  return fault(
    "LEASE_HELD",
    `${formatAddress(other)} is leased to ${other.holder} of ${shownFolder(other.root)}, not of this folder's project`,
    `give it up there: cove -C ${other.root} lease --release ${name}`,
    { root: other.root, holder: other.holder },
  );
}

/** Leases of deleted folders, but for those of stacks that still run in them. */
async function staleLeases(leases: Leases): Promise<readonly Lease[] | Fault> {
  const home = await connectHome({ anyVersion: true });
  const snapshot = home === null || isFault(home) ? home : await home.snapshot();
  if (isFault(snapshot)) return snapshot;
  const running = new Set(snapshot?.stacks.map(({ root }) => root));
  return leases.list({ stale: true }).filter(({ root }) => !running.has(root));
}

/** `web` is a service's lease; `edge:api→db` and `service:web` may be said in full. */
function holderOf(name: string): string {
  return name.includes(":") ? name : `service:${name}`;
}
