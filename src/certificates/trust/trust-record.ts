import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { certificatesFolder, rootFile } from "../authority.ts";
import { isWithin } from "../names.ts";
import { readPrivate, writePrivate } from "../private-files.ts";
import { readText } from "../stores/store.ts";

/** What `cove trust` did and found. */
export interface TrustRecord {
  /** The root that it was about, PEM. */
  readonly root: string;
  /** What its authority was made for. */
  readonly suffixes: readonly string[];
  /** A browser, or where there is none curl, has opened a page with the root's certificate. */
  readonly works: boolean;
  /** Folders that were made for it, and go with it. */
  readonly made: readonly string[];
}

const recordFile = (stateFolder: string) => join(certificatesFolder(stateFolder), "trust.json");

/** Null: `cove trust` did nothing yet, or it was undone. */
export function readTrustRecord(stateFolder: string): TrustRecord | null {
  try {
    const text = readPrivate(recordFile(stateFolder));
    const read: unknown = text === null ? null : JSON.parse(text);
    if (typeof read !== "object" || read === null) return null;
    const { root, works, made, suffixes } = read as Partial<Record<keyof TrustRecord, unknown>>;
    if (typeof root !== "string" || typeof works !== "boolean") return null;
    return { root, works, made: textsOf(made), suffixes: textsOf(suffixes) };
  } catch {
    return null;
  }
}

export function writeTrustRecord(stateFolder: string, record: TrustRecord): void {
  writePrivate(recordFile(stateFolder), `${JSON.stringify(record, null, 2)}\n`);
}

/** Removes all that has to do with certificates: authority, leaves, bundles, record. */
export function forgetCertificates(stateFolder: string): void {
  rmSync(certificatesFolder(stateFolder), { recursive: true, force: true });
}

const textsOf = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((text): text is string => typeof text === "string") : [];

/** The scheme of URLs that are shown, by their names: https only where the root that is in use was seen to work. */
export function shownScheme(stateFolder: string): (name: string) => "http" | "https" {
  // Asked for every list of services: without trust it's one system call.
  if (statSync(recordFile(stateFolder), { throwIfNoEntry: false }) === undefined) return () => "http";
  const record = readTrustRecord(stateFolder);
  if (record === null || !record.works || record.root !== readText(rootFile(stateFolder))) return () => "http";
  return (name) => (isWithin(name, record.suffixes) ? "https" : "http");
}
