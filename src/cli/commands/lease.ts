import { formatAddress } from "../../address/parse.ts";
import { fault, isFault } from "../../fault/fault.ts";
import { openLeases } from "../../lease/leases.ts";
import { identifyProject } from "../../lease/project.ts";
import { openState } from "../../state/state.ts";
import { table } from "../terminal/table.ts";
import type { CoveCommand } from "./command.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .argument("[name]", "what the port is for; the same name gives the same port in this project")
      .option("--port <port>", "this port and no other")
      .option("--own-address", "a loopback address of its own (127.62.x.y)")
      .option("--list", "every lease of this user (the same as no name)")
      .option("--release", "give the lease of this name or port up")
      .option("--stale", "with --release: the leases of folders that are gone")
      .addHelpText(
        "after",
        "\nExamples:\n  PORT=$(cove lease tests) node server.js\n  cove lease db --own-address --port 5432\n  cove lease --list\n  cove lease --release tests\n  cove lease --release 61007",
      );
  },
  run: async (context, [name], options) => {
    const state = openState();
    if (isFault(state)) return state;
    try {
      const leases = openLeases(state);
      const project = await identifyProject(context.cwd);
      if (options.release === true) {
        if (name === undefined && options.stale !== true)
          return fault("USAGE", "which lease?", "name it, or its port: cove lease --release 61007");
        const port = /^[0-9]+$/.test(name ?? "") ? Number(name) : null;
        const filter =
          name === undefined
            ? { stale: true }
            : port !== null
              ? { port }
              : { project: project.key, holder: holderOf(name) };
        const count = leases.release(filter);
        if (isFault(count)) return count;
        if (count === 0)
          return fault(
            "LEASE_UNKNOWN",
            `there is no lease ${name ?? "of a deleted folder"}`,
            "see them with: cove lease --list",
          );
        context.print(context.json ? JSON.stringify({ released: count }) : `${count} given up`);
        return 0;
      }
      if (name === undefined || options.list === true) {
        const list = leases.list();
        if (context.json) context.print(JSON.stringify(list));
        else
          for (const line of table(
            list.map((lease) => [formatAddress(lease), lease.holder, context.paint("dim", lease.root)]),
            "",
          ))
            context.print(line);
        return 0;
      }
      const port = options.port === undefined ? undefined : Number(options.port);
      const lease = leases.take({
        project,
        holder: holderOf(name),
        ...(port !== undefined && { port }),
        ...(options.ownAddress === true && { ownAddress: true }),
      });
      if (isFault(lease)) return lease;
      // Scripts want the port alone; an address of its own is more than that.
      context.print(
        context.json ? JSON.stringify(lease) : options.ownAddress === true ? formatAddress(lease) : String(lease.port),
      );
      return 0;
    } finally {
      state.close();
    }
  },
};

/** `web` is a service's lease; `edge:api→db` and `service:web` may be said in full. */
function holderOf(name: string): string {
  return name.includes(":") ? name : `service:${name}`;
}
