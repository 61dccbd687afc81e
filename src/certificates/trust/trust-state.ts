import { homedir } from "node:os";
import { type Fault, isFault } from "../../fault/fault.ts";
import { type Authority, endOf, rootFile } from "../authority.ts";
import { createLeaves } from "../leaves.ts";
import { type Surroundings, type TrustedRoot, type TrustStore, trustedRoot } from "../stores/store.ts";
import { findStores } from "../stores/stores.ts";
import { type Proof, proveTrust } from "./prove.ts";
import { readTrustRecord, writeTrustRecord } from "./trust-record.ts";

/** How a store stands: `trusted`, `missing`, or `unusable` for want of a program. */
export interface StoreRow {
  readonly store: string;
  readonly covers: string;
  readonly state: "trusted" | "missing" | "unusable";
  /** What it lacks; null: nothing. */
  readonly lacks: string | null;
}

/** This machine, as this user sees it. */
export const surroundings = (): Surroundings => ({ platform: process.platform, env: process.env, home: homedir() });

/** The root in use. */
export const rootOf = ({ root }: Authority, stateFolder: string): TrustedRoot =>
  trustedRoot(root, rootFile(stateFolder));

/** All stores of this machine, and how each stands to a root. */
export function lookAtStores(root: TrustedRoot, where: Surroundings): { store: TrustStore; row: StoreRow }[] {
  return findStores(where).map((store) => {
    const { title, covers } = store;
    const lacks = store.lacks();
    const state = lacks !== null ? "unusable" : store.present(root) ? "trusted" : "missing";
    return { store, row: { store: title, covers, state, lacks } };
  });
}

/** Has programs open a page, and remembers whether a person's browser does. Fault: CERTIFICATE_FAILED. */
export async function prove(
  stateFolder: string,
  where: Surroundings,
  slow: boolean,
): Promise<readonly Proof[] | Fault> {
  const leaves = createLeaves({ stateFolder, replaced: () => {} });
  try {
    const leaf = await leaves.leaf(null);
    return isFault(leaf) ? leaf : await proveTrust(leaf, where, slow);
  } finally {
    await leaves.close();
  }
}

/** What is to be remembered of proofs: a browser counts, and where there is none, curl. */
export function recordProofs(
  stateFolder: string,
  authority: Authority,
  proofs: readonly Proof[],
  made: readonly string[],
): void {
  const before = readTrustRecord(stateFolder);
  const [first] = proofs.filter(({ tool }) => tool === "Chromium" || tool === "curl");
  const all = [...new Set([...(before?.made ?? []), ...made])];
  const { root, suffixes } = authority;
  writeTrustRecord(stateFolder, { root, suffixes, works: first?.trusts ?? false, made: all });
}

/** What the authority is, for people: its name, what it may sign, until when. */
export function describeAuthority(authority: Authority, root: TrustedRoot): string {
  const names = authority.suffixes.map((suffix) => `*.${suffix}`).join(", ");
  return `${root.name}, until ${endOf(authority).toISOString().slice(0, 10)}, for ${names} and loopback addresses alone`;
}

/** In words, after the program's name. */
export function verdictOf(trusts: boolean | null): string {
  if (trusts === null) return "took too long to tell";
  return trusts ? "opened a page with its certificate" : "doesn't trust it";
}

/** The table that `cove trust` and `cove doctor` show. */
export function proofRows(proofs: readonly Proof[]): string[][] {
  return proofs.map(({ tool, trusts, hint }) => [tool, verdictOf(trusts) + (hint === null ? "" : `; ${hint}`)]);
}
