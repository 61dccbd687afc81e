import { createPrivateKey, X509Certificate } from "node:crypto";
import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "../async/sleep.ts";
import { type Fault, fault, isFault } from "../fault/fault.ts";
import { onlyOne } from "../state/only-one.ts";
import { fileFault, makePrivate } from "../state/private-folder.ts";
import type { AuthorityParts } from "./issue.ts";
import type { Issuer } from "./issuer.ts";
import { LOCALHOST } from "./names.ts";
import { readPrivate, writePrivate } from "./private-files.ts";

/** Who signs the certificates of this user's names. */
export interface Authority extends AuthorityParts {
  /** What it may sign besides loopback addresses: names at or below these. */
  readonly suffixes: readonly string[];
  /** Roots that were replaced by this one, PEM: trust stores may still have them. */
  readonly formers: readonly string[];
}

/** An authority as it was found or made. */
export interface OpenedAuthority {
  readonly authority: Authority;
  /** Why another one took the place of what was there, so that it has to be trusted anew; null: it did not. */
  readonly replaced: string | null;
}

/** The folder of all that has to do with certificates, within the state folder. */
export const certificatesFolder = (stateFolder: string): string => join(stateFolder, "certificates");
/** The root's certificate alone, for tools that take a file. */
export const rootFile = (stateFolder: string): string => join(certificatesFolder(stateFolder), "root.pem");

/** Changes when another authority takes the place of this one; null: there is none. */
export function authorityStamp(stateFolder: string): string | null {
  const stat = statSync(authorityFile(stateFolder), { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.ino} ${stat.mtimeMs}`;
}

const authorityFile = (stateFolder: string) => join(certificatesFolder(stateFolder), "authority.json");

/** An authority that ends within this time is replaced, ms. */
const LAST_DAYS = 60 * 24 * 3_600_000;
/** The longest wait for another process that makes one, ms. */
const LOCK_TIME = 20_000;
const LOCK_PAUSE = 25;
const FORMERS_MOST = 20;

/**
 * The authority that is there; null: none was made yet. Files whose mode or copy is wrong are mended on the way. Fault:
 * CERTIFICATES_BROKEN, with what is wrong: it can't sign any more, and another one has to be made.
 */
export function readAuthority(stateFolder: string): Authority | null | Fault {
  const file = authorityFile(stateFolder);
  try {
    const text = readPrivate(file);
    if (text === null) return null;
    const found = checkAuthority(text);
    if (typeof found === "string") return brokenFault(file, found);
    if (readPrivate(rootFile(stateFolder)) !== found.root) writePrivate(rootFile(stateFolder), found.root);
    return found;
  } catch (error) {
    return fileFault(error, stateFolder);
  }
}

/**
 * The authority, made where there is none, and made anew where it is damaged, near its end, or not for all of `suffixes`.
 * Processes that call this at once get the same one. Faults: CERTIFICATE_FAILED, STATE_BROKEN.
 */
export async function openAuthority(
  stateFolder: string,
  issuer: Issuer,
  suffixes: readonly string[] = [],
): Promise<OpenedAuthority | Fault> {
  const there = readAuthority(stateFolder);
  const ready = usable(there, suffixes);
  if (ready !== null) return { authority: ready, replaced: null };
  const unusable = makePrivate(stateFolder, join(stateFolder, "certificates.lock"));
  if (unusable !== null) return unusable;
  const deadline = performance.now() + LOCK_TIME;
  for (;;) {
    const lock = onlyOne(stateFolder, "certificates");
    if (isFault(lock)) return lock;
    if (lock !== null) {
      try {
        return await makeUnderLock(stateFolder, issuer, suffixes);
      } finally {
        lock.release();
      }
    }
    if (performance.now() > deadline) {
      return fault("CERTIFICATE_FAILED", "another process of Cove's is still making the authority", "try again");
    }
    await sleep(LOCK_PAUSE);
  }
}

async function makeUnderLock(
  stateFolder: string,
  issuer: Issuer,
  wanted: readonly string[],
): Promise<OpenedAuthority | Fault> {
  // Another process may have been faster.
  const before = readAuthority(stateFolder);
  const ready = usable(before, wanted);
  if (ready !== null) return { authority: ready, replaced: null };
  if (isFault(before) && before.fault !== "CERTIFICATES_BROKEN") return before;
  const last = isFault(before) ? null : before;
  const suffixes = [...new Set([LOCALHOST, ...(last?.suffixes ?? []), ...wanted])].sort();
  const parts = await issuer.call("authority", [suffixes]);
  if (isFault(parts)) return parts;
  const formers = last === null ? [] : [last.root, ...last.formers].slice(0, FORMERS_MOST);
  const authority: Authority = { ...parts, suffixes, formers };
  try {
    const file = authorityFile(stateFolder);
    // Kept for looking at; the next damage takes its place.
    if (isFault(before) && statSync(file, { throwIfNoEntry: false }) !== undefined) {
      renameSync(file, `${file}.damaged`);
    }
    writePrivate(file, `${JSON.stringify(authority, null, 2)}\n`);
    writePrivate(rootFile(stateFolder), authority.root);
  } catch (error) {
    return fileFault(error, stateFolder);
  }
  return { authority, replaced: whyReplaced(before, wanted) };
}

/** The authority, where it is good for the suffixes and for some time. */
function usable(there: Authority | null | Fault, suffixes: readonly string[]): Authority | null {
  if (there === null || isFault(there) || endsSoon(there)) return null;
  return suffixes.every((suffix) => there.suffixes.includes(suffix)) ? there : null;
}

function whyReplaced(before: Authority | null | Fault, wanted: readonly string[]): string | null {
  if (before === null) return null;
  if (isFault(before)) return before.message;
  if (endsSoon(before)) return `Cove's certificate authority ends on ${endOf(before).toISOString().slice(0, 10)}`;
  const fresh = wanted.filter((suffix) => !before.suffixes.includes(suffix));
  return `Cove's certificate authority was not made for ${fresh.join(", ")}`;
}

/** When an authority's certificates end. */
export const endOf = ({ root }: AuthorityParts): Date => new Date(new X509Certificate(root).validTo);

const endsSoon = (authority: Authority): boolean => endOf(authority).getTime() - Date.now() < LAST_DAYS;

/** What the file holds, or what is wrong with it. */
function checkAuthority(text: string): Authority | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return "it is no JSON";
  }
  if (!isAuthority(parsed)) return "parts of it are missing";
  try {
    const root = new X509Certificate(parsed.root);
    const intermediate = new X509Certificate(parsed.intermediate);
    if (!root.verify(root.publicKey)) return "the root's signature is not its own";
    if (!intermediate.checkIssued(root) || !intermediate.verify(root.publicKey)) {
      return "the intermediate was not signed by the root";
    }
    if (!intermediate.checkPrivateKey(createPrivateKey(parsed.key))) return "the key is not the intermediate's";
    return parsed;
  } catch (error) {
    return `a certificate or key in it can't be read (${error instanceof Error ? error.message : String(error)})`;
  }
}

function isAuthority(value: unknown): value is Authority {
  if (typeof value !== "object" || value === null) return false;
  const texts = (list: unknown) => Array.isArray(list) && list.every((text) => typeof text === "string");
  const has = (key: string) => key in value && typeof (value as Record<string, unknown>)[key] === "string";
  if (!["root", "intermediate", "key"].every(has)) return false;
  return "suffixes" in value && texts(value.suffixes) && "formers" in value && texts(value.formers);
}

function brokenFault(file: string, why: string): Fault {
  return fault(
    "CERTIFICATES_BROKEN",
    `Cove's certificate authority is damaged: ${why}`,
    "a new one is made when it is needed, and has to be trusted anew: cove trust",
    { file },
  );
}
