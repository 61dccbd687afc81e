import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Address } from "../../src/address/address.ts";
import { CoveError, type Fault, isFault, orThrow } from "../../src/fault/fault.ts";
import { factsOf } from "../../src/services/kind/edge-facts.ts";
import { variablesOf } from "../../src/services/kind/edge-variables.ts";
import type { ServiceContext } from "../../src/services/kind/kind.ts";
import { ownerOf } from "../../src/services/postgres/owner.ts";
import { type PostgresOptions, postgres } from "../../src/services/postgres/postgres.ts";
import type { PlannedService } from "../../src/stack/plan/plan.ts";
import { type Bench, bench, type Running, until } from "../../src/stack/run/runner.fixture.ts";

/** A postgres service `db` of a project of its own, run by a real runner. */
export interface Database {
  /** The project's folder, which init files are relative to. */
  readonly cwd: string;
  readonly address: Address;
  /** The service's folder in the state folder. */
  readonly dataDir: string;
  /** Starts it and gives its URL; throws when it fails. */
  readonly up: (options?: PostgresOptions) => Promise<string>;
  /** Starts it and gives the outcome; one that failed is stopped again. */
  readonly start: (options?: PostgresOptions, more?: Partial<PlannedService>) => Promise<Fault | null>;
  readonly down: () => Promise<void>;
  /** Another runner on the same data. */
  readonly again: () => Database;
  /** Deletes the data. */
  readonly remove: () => Promise<void>;
  readonly clusterDir: () => string;
  readonly pid: () => number;
  readonly state: () => string;
  readonly log: () => string;
  /** What a consumer is told of its edge. */
  readonly edge: (at: Address) => Promise<Record<string, string>>;
  readonly until: typeof until;
}

export function database(name = "shop"): Database {
  return on(bench(name));
}

function on(place: Bench): Database {
  const { state, project, run } = place;
  const dataDir = state.serviceDir(project.key, "db");
  const owner = ownerOf(dataDir);
  const [service] = place.plan({ db: { kind: postgres, options: {} } }).services;
  if (service === undefined) throw new Error("no service");
  // Root's data lies outside the state folder.
  if (owner.uid !== undefined) onTestFinished(() => rmSync(dirname(owner.dataDir), { recursive: true, force: true }));
  let running: Running | undefined;
  const now = (): Running => {
    if (running === undefined) throw new Error("not started");
    return running;
  };
  const context = (options: PostgresOptions): ServiceContext<PostgresOptions> => {
    const { address, cwd } = service;
    return { name: "db", project, options, address, cwd, dataDir, env: {}, log: () => {} };
  };

  async function start(options: PostgresOptions = {}, more: Partial<PlannedService> = {}): Promise<Fault | null> {
    running = run({ db: { ...more, kind: postgres, options } });
    const outcome = await running.stack.settled();
    if (outcome !== null) await running.stack.stop();
    return outcome;
  }

  return {
    cwd: service.cwd,
    address: service.address,
    dataDir,
    start,
    up: async (options = {}) => {
      const outcome = await start(options);
      if (isFault(outcome)) throw new CoveError({ ...outcome, hint: now().log() });
      return orThrow((await postgres.url?.(context(options), service.address)) ?? "");
    },
    down: () => now().stack.stop(),
    again: () => on(place),
    remove: async () => {
      await now().stack.stop();
      for (const entry of readdirSync(owner.dataDir)) rmSync(join(owner.dataDir, entry), { recursive: true });
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    },
    clusterDir: () => join(owner.dataDir, "pgdata"),
    pid: () => now().stack.status("db").process?.pid ?? 0,
    state: () => now().stack.status("db").state,
    log: () => now().log(),
    edge: async (at) => {
      const facts = factsOf("postgres", at, orThrow((await postgres.url?.(context({}), at)) ?? ""));
      const { named, conventional } = variablesOf("db", "postgres", facts);
      return { ...conventional, ...named };
    },
    until,
  };
}
