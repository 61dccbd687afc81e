import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { isFault } from "../../fault/fault.ts";
import { machine } from "../../machine/machine.ts";
import type { Kind, ServiceContext } from "../kind.ts";
import { findBinaries } from "./binaries.ts";
import { ensureCluster, passwordOf, runAs } from "./cluster.ts";
import { type PostgresOptions, postgresSchema } from "./options.ts";
import { ownerOf, reachable } from "./owner.ts";
import { setUpDatabase } from "./set-up.ts";

export type { PostgresOptions } from "./options.ts";

/** A real Postgres of this project's own: listening on its lease alone, with a password, its data kept between runs. */
export const postgres: Kind<PostgresOptions> = {
  name: "postgres",
  schema: postgresSchema,
  protocol: () => "postgres",
  label: ({ engine }) => (engine === "system" ? "postgres (system)" : "postgres 18 (embedded)"),
  ready: () => ({ type: "tcp" }),
  edgeEnv: async (ctx, at, service) => {
    const { user, password, database } = accessOf(ctx);
    const url = urlOf(ctx, at);
    return {
      [`${service}_URL`]: url,
      [`${service}_USERNAME`]: user,
      [`${service}_PASSWORD`]: password,
      [`${service}_DATABASE`]: database,
      DATABASE_URL: url,
      PGHOST: at.host,
      PGPORT: String(at.port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
    };
  },
  url: async (ctx, at) => urlOf(ctx, at),
  launch: async (ctx) => {
    const { options, address, cwd, dataDir } = ctx;
    const found = await findBinaries(options.engine ?? "embedded");
    if (isFault(found)) return found;
    const owner = ownerOf(dataDir);
    const binaries = reachable(found, owner);
    const { user, password, database } = accessOf(ctx);
    const data = await ensureCluster(binaries, owner, user, password);
    if (isFault(data)) return data;
    removeStalePid(data);
    const settings = {
      ...options.settings,
      listen_addresses: address.host,
      port: address.port,
      // Its folder would be one that others can reach.
      unix_socket_directories: "",
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const files = typeof options.init === "string" ? [options.init] : (options.init ?? []);
    return {
      command: [binaries.postgres, "-D", data, ...flags],
      env: { PATH: process.env.PATH ?? "", LANG: "C" },
      ...runAs(owner),
      // Fast shutdown: SIGTERM would wait for every pool to let go.
      stopSignal: "SIGINT",
      afterReady: () => setUpDatabase({ at: address, user, password, name: database }, files, cwd),
    };
  },
};

function accessOf({ options, project, dataDir }: ServiceContext<PostgresOptions>) {
  return {
    user: options.user ?? "cove",
    password: passwordOf(dataDir),
    database: options.database ?? project.name.replaceAll("-", "_"),
  };
}

function urlOf(ctx: ServiceContext<PostgresOptions>, at: Address): string {
  const { user, password, database } = accessOf(ctx);
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${formatAddress(at)}/${encodeURIComponent(database)}`;
}

/** A killed server leaves its pid behind; once that belongs to another program, Postgres would refuse to start. */
function removeStalePid(data: string): void {
  const path = join(data, "postmaster.pid");
  try {
    const pid = Number(readFileSync(path, "utf8").split("\n")[0]);
    const command = machine.startStamp(pid) === null ? "" : readFileSync(`/proc/${pid}/cmdline`, "utf8");
    if (!command.includes("postgres")) rmSync(path, { force: true });
  } catch {
    // No such file, or no /proc: Postgres looks itself.
  }
}
