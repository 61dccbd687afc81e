import type { AddressMeaning } from "../../../address/explain-address.ts";
import type { PortMeaning } from "../../../address/explain-port.ts";
import type { Answer } from "../../../machine/probe/probe.ts";
import type { PortRow, ProcessFacts } from "../../../ports/row.ts";
import type { PortUse } from "../../../ports/uses.ts";
import type { ThisProject } from "./this-project.ts";
import type { Whereabouts } from "./whereabouts.ts";

/** Somebody who is connected to a port. */
export interface Client {
  readonly host: string;
  readonly port: number;
  /** Null for processes of other users and of other machines. */
  readonly process: ProcessFacts | null;
}

/** Something that a user may stumble over. */
export interface Trouble {
  readonly code:
    | "elsewhere"
    | "nobody-listens"
    | "other-address"
    | "half-of-localhost"
    | "localhost-split"
    | "shared"
    | "shadowed"
    | "stranger"
    | "not-running"
    | "not-ready"
    | "exposed"
    | "unprobed";
  /** What it is, why, and what follows from it. */
  readonly text: string;
}

/** A command to run, and what for. */
export interface NextStep {
  readonly command: string;
  readonly why: string;
}

/** All that `cove explain` says, as values: what `--json` prints. */
export interface Explanation {
  /** What it is about: `127.0.0.1:62893`, `port 3000`, `pid 812`. */
  readonly about: string;
  /** In a few words what that is: `Cove's door`, `shop/api`; null when nothing is known. */
  readonly title: string | null;
  /** The tour of Cove, piece by piece. */
  readonly tour: boolean;
  readonly address: AddressMeaning | null;
  /** On which machine that address is; null for a pid. */
  readonly where: Whereabouts | null;
  /** What a name stands for, by Cove, the hosts file or the system's resolver. */
  readonly resolvesTo: readonly string[];
  readonly port: PortMeaning | null;
  readonly cove: PortUse | null;
  /** Where the service behind a name at the door listens itself. */
  readonly behind: { readonly host: string; readonly port: number } | null;
  /** The working folder's project; null unless nothing in particular was asked about. */
  readonly project: ThisProject | null;
  /** The process that was asked about, and those that it descends from, nearest first. */
  readonly process: ProcessFacts | null;
  readonly ancestors: readonly ProcessFacts[];
  /** Every listener on the port, or of the process. */
  readonly listeners: readonly PortRow[];
  /** Those of them that a connection to the address reaches. */
  readonly answering: readonly PortRow[];
  readonly clients: readonly Client[];
  /** What answered; null unless `--probe` asked. */
  readonly probe: Answer | null;
  readonly troubles: readonly Trouble[];
  readonly next: readonly NextStep[];
  /** What can't be known here: lines for people. */
  readonly notes: readonly string[];
}
