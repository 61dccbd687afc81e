import { randomUUID } from "node:crypto";
import type { Address } from "../address/address.ts";
import { formatAddress } from "../address/parse.ts";
import { type Fault, orThrow } from "../fault/fault.ts";
import { type Leases, openLeases } from "../lease/leases.ts";
import { identifyProject } from "../lease/project.ts";
import { openState } from "../state/state.ts";

/** An address that this process may listen on, until it releases it. */
export interface HeldLease extends Address, Disposable {
  /** `127.0.0.1:61007`. */
  toString(): string;
  /** Releases the address. Keep a named lease instead: the next run gets the same address. */
  release(): void;
}

export interface LeaseOptions {
  /** Any folder of the project that it is for. Default: the working folder. */
  readonly dir?: string;
  /** This port and no other. */
  readonly port?: number;
  /** A loopback address of its own (127.62.x.y) instead of 127.0.0.1. Default false. */
  readonly ownAddress?: boolean;
}

/**
 * An address that no other process gets, nor a test in another worker: the lease is in Cove's state file, so that no
 * daemon is needed. With a name it is the same from run to run. Without one it is released when it is disposed of, or
 * when the process exits. Throws {@link CoveError} (LEASE_HELD, PORT_TAKEN, PORT_PRIVILEGED, LEASES_EXHAUSTED,
 * ADDRESS_INVALID, UNSUPPORTED, STATE_LOCKED, STATE_BROKEN).
 *
 * @example
 * import { createServer } from "node:http";
 * import { lease } from "cove";
 *
 * using at = await lease();
 * const server = createServer().listen(at.port, at.host);
 * server.close();
 */
export async function lease(name?: string, options: LeaseOptions = {}): Promise<HeldLease> {
  const { dir = process.cwd(), ...asked } = options;
  const project = await identifyProject(dir);
  const holder = name === undefined ? `process:${process.pid}:${randomUUID()}` : `test:${name}`;
  const { host, port } = withLeases((leases) => leases.take({ ...asked, project, holder }));
  const release = () => {
    if (passing.delete(release) || name !== undefined)
      withLeases((leases) => leases.release({ project: project.key, holder }));
  };
  if (name === undefined) passing.add(release);
  return {
    ...{ host, port },
    toString: () => formatAddress({ host, port }),
    release,
    [Symbol.dispose]: () => {
      if (name === undefined) release();
    },
  };
}

/** Release the leases that must not outlive this process. */
const passing = new Set<() => void>();
process.on("exit", () => {
  for (const release of passing) release();
});

/** Opens the state for one step only: a test that holds a hundred leases shouldn't hold a hundred files. */
function withLeases<T>(step: (leases: Leases) => T | Fault): T {
  const state = orThrow(openState());
  try {
    return orThrow(step(openLeases(state)));
  } finally {
    state.close();
  }
}
