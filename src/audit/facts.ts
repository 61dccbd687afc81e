import type { Container } from "../machine/containers.ts";
import type { Exposure } from "../machine/exposure.ts";
import type { Answer } from "../machine/probe/probe.ts";
import type { Firewall } from "./firewall.ts";
import type { Place, Reach } from "./netfilter/reach.ts";

/** A listener, and all that the rules ask of it. */
export interface AuditListener {
  readonly protocol: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
  readonly exposure: Exposure;
  readonly pid: number | null;
  readonly uid: number | null;
  readonly user: string | null;
  /** The command line; null where this user may not know. */
  readonly command: string | null;
  /** The program's file without its folder. */
  readonly program: string | null;
  /** The folder that the process works in. */
  readonly cwd: string | null;
  /** See {@link ProgramNames}: what else the process is called. */
  readonly names: readonly string[];
  readonly arguments: readonly string[];
  /** Environment variables by which debuggers are switched on; empty where this user may not see them. */
  readonly environment: ReadonlyMap<string, string>;
  /** What it answered when it was asked; null where it wasn't. */
  readonly answer: Answer | null;
  /** Whom the firewall lets get to it. */
  readonly reach: Reach;
  /** What Cove has the address for: `shop/api`, `the door`; null when nothing. Cove refuses other users there. */
  readonly cove: string | null;
}

/** A file or folder of Cove's. */
export interface AuditFile {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly folder: boolean;
}

/** Clients of a service that closed their connection before their user could be looked up, since home started. */
export interface UnnamedClients {
  /** `shop/api`; `cove/home` is Cove's own API. */
  readonly service: string;
  readonly letIn: number;
  readonly refused: number;
  /** Why they may be refused: it is in a box, or its config lists who may use it. */
  readonly boxed: boolean;
  readonly listsUsers: boolean;
  readonly listsPrograms: boolean;
}

/** What the audit looked at. */
export interface AuditFacts {
  readonly listeners: readonly AuditListener[];
  readonly containers: readonly Container[];
  readonly files: readonly AuditFile[];
  readonly firewall: Firewall;
  /** Whom the firewall lets get to a port that a container publishes. */
  readonly reachOf: (place: Place) => Reach;
  /** Of the home that runs; none where no home runs. */
  readonly unnamed: readonly UnnamedClients[];
  /** This user; null on Windows. */
  readonly uid: number | null;
  /** Names of people who may log in here besides this user and root. */
  readonly otherUsers: readonly string[];
  readonly seesAllProcesses: boolean;
}
