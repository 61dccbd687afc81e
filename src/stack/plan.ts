import type { Address } from "../address/address.ts";
import type { Project } from "../lease/project.ts";
import type { AnyKind, ReadyProbe, RestartPolicy } from "../services/kind.ts";

/** One service of a stack with everything decided: what it is, where it listens, what it needs. */
export interface PlannedService {
  readonly name: string;
  readonly kind: AnyKind;
  /** The kind's own options, validated by its schema. */
  readonly options: unknown;
  /** Where the service itself listens: its lease (for `external`, the given address). */
  readonly address: Address;
  /** Names of services that must be ready first; each gives an edge. */
  readonly needs: readonly string[];
  readonly ready: ReadyProbe;
  /** How long it may take to become ready, ms. Default 60,000. */
  readonly readyTimeout: number;
  readonly restart: RestartPolicy;
  /** Variables of the config, as written there: `serviceEnv` fills in `${VAR}` and adds the edges' at start. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of the `.env` files, which give way to all others. Absent: none. */
  readonly fileEnv?: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  /** Extra names besides `<service>.<base>.localhost`; may start with `*.`. */
  readonly names: readonly string[];
  /** How long a stop waits between SIGTERM and SIGKILL, ms. Default 10,000. */
  readonly stopTimeout: number;
}

/** A consumer's way to a service, with a leased relay address of its own. */
export interface PlannedEdge {
  /** `api→db`. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Where home's relay for this edge listens. */
  readonly address: Address;
}

/** A stack ready to run. Made by `planStack`, carried out by `runStack`. */
export interface Plan {
  readonly project: Project;
  /** The stack's name: the config's, else the project's. */
  readonly name: string;
  /** True for one-shot stacks (`cove run`, `serve`, `postgres`): its service is `<base>.localhost` itself. */
  readonly single: boolean;
  /** The config file, absolute; null for one-shot stacks. */
  readonly file: string | null;
  /** In start order. */
  readonly services: readonly PlannedService[];
  readonly edges: readonly PlannedEdge[];
}
