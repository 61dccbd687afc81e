import { resolve } from "node:path";
import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Launch, ServiceContext, ServiceKind } from "../kind/kind.ts";
import { keepLogin, keptLogin, type Login, passwordOf, USUAL_USER } from "./access.ts";
import { EMBEDDED_MAJOR, findBinaries } from "./binaries.ts";
import { ensureCluster, serverEnv } from "./cluster.ts";
import { clearLeftover, recordRunner } from "./leftover.ts";
import type { PostgresOptions } from "./options.ts";
import { type Owner, ownerOf, reachable, runAs } from "./owner.ts";

export type { PostgresOptions } from "./options.ts";

/** A real Postgres for this project: listening only on its lease, with a password, its data kept between runs. */
export const postgres: ServiceKind<PostgresOptions> = {
  name: "postgres",
  protocol: () => "postgres",
  loopbackOnly: true,
  ignoresEnv: true,
  onlyNew: ["init"],
  startFiles: ({ init = [] }, cwd) =>
    [init].flat().map((file) => ({ path: resolve(cwd, file), onlyNew: true as const })),
  label: ({ engine }) => (engine === "system" ? "postgres (system)" : `postgres ${EMBEDDED_MAJOR} (embedded)`),
  ready: () => ({ type: "tcp" }),
  url: async (ctx, at) => urlOf(ctx, { ...at, host: ctx.socketDir ?? at.host }),
  launch: async (ctx) => {
    const engine = await findBinaries(ctx.options.engine ?? "embedded");
    if (isFault(engine)) return engine;
    try {
      const owner = ownerOf(ctx.dataDir);
      const binaries = reachable(engine, owner);
      if (isFault(binaries)) return binaries;
      // Before the password of one that has none is made.
      const former = keptLogin(ctx.dataDir);
      const { user, password } = accessOf(ctx);
      const left = await clearLeftover(owner.dataDir);
      if (left !== null) return left;
      const data = await ensureCluster(binaries, owner, user, password);
      if (isFault(data)) return data;
      recordRunner(owner.dataDir);
      return serverOn(data, binaries.postgres, owner, former, ctx);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return fault("DATABASE_FAILED", `${ctx.name}: its data can't be prepared: ${why}`, "see: cove doctor");
    }
  },
};

function serverOn(
  data: string,
  program: string,
  owner: Owner,
  former: Login | null,
  ctx: ServiceContext<PostgresOptions>,
): Launch {
  const { options, address, cwd, log } = ctx;
  const settings = {
    ...options.settings,
    listen_addresses: address.host,
    port: address.port,
    // Its folder would be one that others can reach.
    unix_socket_directories: "",
  };
  const wanted = {
    // To a Postgres client, a host that is a folder means the Unix socket in it.
    access: { at: { ...address, host: ctx.socketDir ?? address.host }, ...accessOf(ctx) },
    former,
    init: typeof options.init === "string" ? [options.init] : (options.init ?? []),
    extensions: options.extensions ?? [],
    ...{ cwd, dataDir: owner.dataDir, log },
  };
  return {
    command: [program, "-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    env: serverEnv(),
    ...runAs(owner),
    // Fast shutdown: SIGTERM would wait for every pool to close its connections.
    stopSignal: "SIGINT",
    afterReady: async (signal): Promise<Fault | undefined> => {
      // The client library is read when a database is started: no other command waits for it.
      const { setUpDatabase } = await import("./set-up.ts");
      const failed = await setUpDatabase(wanted, signal);
      if (failed === undefined) keepLogin(ctx.dataDir, wanted.access);
      return failed;
    },
  };
}

function accessOf({ options, project, dataDir }: ServiceContext<PostgresOptions>) {
  return {
    user: options.user ?? USUAL_USER,
    password: options.password ?? passwordOf(dataDir),
    database: options.database ?? project.name.replaceAll("-", "_"),
  };
}

function urlOf(ctx: ServiceContext<PostgresOptions>, at: Address): string {
  const { user, password, database } = accessOf(ctx);
  // libpq's way to name a Unix socket's folder (PostgreSQL docs, 32.1.1.2).
  const [host, query] = at.host.startsWith("/")
    ? ["", `?host=${encodeURIComponent(at.host)}&port=${at.port}`]
    : [formatAddress(at), ""];
  return `postgres://${escaped(user)}:${escaped(password)}@${host}/${encodeURIComponent(database)}${query}`;
}

/** Quotes too: a URL often stands between some, and would end there for those who look for its password. */
const escaped = (text: string): string => encodeURIComponent(text).replaceAll("'", "%27");
