import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Fault, fault, isFault } from "../fault/fault.ts";
import {
  type Authority,
  authorityStamp,
  certificatesFolder,
  type OpenedAuthority,
  openAuthority,
} from "./authority.ts";
import { createIssuer, type Issuer } from "./issuer.ts";
import { isCertificateName, isWithin } from "./names.ts";
import { readPrivate, writePrivate } from "./private-files.ts";

/** What a TLS server shows for a name, PEM. */
export interface ServerCertificate {
  /** The leaf, then what it was signed with. */
  readonly chain: string;
  readonly key: string;
  /** From here on another one should be asked for, epoch ms. */
  readonly renewAt: number;
}

/** Certificates for names of this user, made on demand. */
export interface Leaves {
  /**
   * The certificate for a name, in lower case; null: the one for 127.0.0.1, ::1 and localhost. Faults: NAME_UNKNOWN, the
   * authority may not sign for this name; CERTIFICATE_FAILED; STATE_BROKEN.
   */
  readonly leaf: (name: string | null) => Promise<ServerCertificate | Fault>;
  readonly close: () => Promise<void>;
}

export interface LeavesOptions {
  readonly stateFolder: string;
  /** Another authority took the place of one that could not sign any more: it has to be trusted anew. */
  readonly replaced: (why: string) => void;
  /** Names whose new certificates are written to the disk: those that will be asked for again. Default: none. */
  readonly keep?: (name: string) => boolean;
  readonly issuer?: Issuer;
}

/** A leaf is replaced after so much of its life. */
const RENEWED_AFTER = 2 / 3;
/** Certificates kept in memory; who asks for more names than this waits a few ms for each. */
const KEPT_MOST = 512;
/** The same on the disk, files. */
const FILES_MOST = 1_000;

/** The authority's file is looked at this often at most, ms. */
const LOOK_PAUSE = 1_000;

interface State {
  readonly options: LeavesOptions;
  readonly issuer: Issuer;
  /** By name; the loopback certificate by the empty one. The oldest come first. */
  readonly made: Map<string, Promise<ServerCertificate | Fault>>;
  authority: Promise<OpenedAuthority | Fault> | null;
  /** The authority's file as it was last seen, and when, `performance.now()`. */
  stamp: string | null;
  seen: number;
}

export function createLeaves(options: LeavesOptions): Leaves {
  const state: State = {
    options,
    issuer: options.issuer ?? createIssuer(),
    made: new Map(),
    authority: null,
    stamp: null,
    seen: Number.NEGATIVE_INFINITY,
  };
  prune(leavesFolder(options.stateFolder));
  return {
    leaf: (name) => find(state, name),
    close: () => state.issuer.close(),
  };
}

async function find(state: State, name: string | null): Promise<ServerCertificate | Fault> {
  lookAgain(state);
  const key = name ?? "";
  const known = state.made.get(key);
  const before = known === undefined ? undefined : await known;
  if (before !== undefined && !isFault(before) && Date.now() < before.renewAt) return before;
  // Who asked meanwhile may have begun already.
  const under = state.made.get(key);
  if (under !== undefined && under !== known) return await under;
  const making = make(state, name);
  state.made.set(key, making);
  if (state.made.size > KEPT_MOST) {
    const [oldest = ""] = state.made.keys();
    state.made.delete(oldest);
  }
  const result = await making;
  if (isFault(result) && state.made.get(key) === making) state.made.delete(key);
  return result;
}

async function make(state: State, name: string | null): Promise<ServerCertificate | Fault> {
  const opened = await openOnce(state);
  if (isFault(opened)) return opened;
  const { authority } = opened;
  if (name !== null && !(isCertificateName(name) && isWithin(name, authority.suffixes))) {
    return fault(
      "NAME_UNKNOWN",
      `Cove's certificates are for ${authority.suffixes.map((suffix) => `.${suffix}`).join(", ")}, not for ${name}`,
      `make them for its domain, too: cove trust --suffix ${name}`,
    );
  }
  const file = leafFile(state.options.stateFolder, name);
  const kept = readKept(file, name, authority);
  if (kept !== null) return kept;
  const { intermediate, key } = authority;
  const parts = await state.issuer.call("leaf", [{ name, intermediate, key }]);
  if (isFault(parts)) return parts;
  const made = serverCertificate(parts.certificate, parts.key, authority);
  if (name === null || state.options.keep?.(name) === true) keepOnDisk(file, made);
  return made;
}

/** Another process may have made another authority (`cove trust`), or someone removed it: then all is made anew. */
function lookAgain(state: State): void {
  const now = performance.now();
  if (now - state.seen < LOOK_PAUSE) return;
  state.seen = now;
  const stamp = authorityStamp(state.options.stateFolder);
  if (stamp === state.stamp) return;
  state.stamp = stamp;
  state.made.clear();
  state.authority = null;
}

async function openOnce(state: State): Promise<OpenedAuthority | Fault> {
  const { stateFolder, replaced } = state.options;
  if (state.authority !== null) {
    const before = await state.authority;
    if (!isFault(before)) return before;
  }
  const opening = openAuthority(stateFolder, state.issuer);
  state.authority = opening;
  const opened = await opening;
  state.stamp = authorityStamp(stateFolder);
  if (!isFault(opened) && opened.replaced !== null) replaced(opened.replaced);
  return opened;
}

function serverCertificate(certificate: string, key: string, { intermediate }: Authority): ServerCertificate {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const from = Date.parse(validFrom);
  return {
    chain: certificate + intermediate,
    key,
    renewAt: from + (Date.parse(validTo) - from) * RENEWED_AFTER,
  };
}

const leavesFolder = (stateFolder: string) => join(certificatesFolder(stateFolder), "leaves");

/** Names may be longer than a file's, and on Windows not every name is one. */
function leafFile(stateFolder: string, name: string | null): string {
  const id = createHash("sha256")
    .update(name ?? LOOPBACK)
    .digest("hex");
  return join(leavesFolder(stateFolder), `${id.slice(0, 32)}.pem`);
}

/** No name has a space. */
const LOOPBACK = "the loopback addresses";

/** What an earlier home made; null where there is none, or none that is good for longer: another one is made then. */
function readKept(file: string, name: string | null, authority: Authority): ServerCertificate | null {
  try {
    const text = readPrivate(file);
    if (text === null) return null;
    const end = text.indexOf("-----BEGIN CERTIFICATE-----");
    const key = text.slice(0, end);
    const leaf = new X509Certificate(text.slice(end));
    const signer = new X509Certificate(authority.intermediate);
    const named = name === null ? leaf.checkIP("127.0.0.1") : leaf.checkHost(name, { subject: "never" });
    if (named === undefined || !leaf.checkIssued(signer) || !leaf.verify(signer.publicKey)) return null;
    if (!leaf.checkPrivateKey(createPrivateKey(key))) return null;
    const kept = serverCertificate(`${leaf.toString().trim()}\n`, key, authority);
    return Date.now() < kept.renewAt ? kept : null;
  } catch {
    // Damaged: the next one takes its place.
    return null;
  }
}

function keepOnDisk(file: string, { key, chain }: ServerCertificate): void {
  try {
    writePrivate(file, key + chain);
  } catch {
    // A full disk costs the next home a few ms, and this one nothing.
  }
}

/** Names come and go with branches and worktrees: the files that were not written for longest go. */
function prune(folder: string): void {
  try {
    const files = readdirSync(folder).map((name) => join(folder, name));
    if (files.length <= FILES_MOST) return;
    const byAge = files
      .map((path) => ({ path, written: statSync(path).mtimeMs }))
      .sort((a, b) => b.written - a.written);
    for (const { path } of byAge.slice(FILES_MOST)) rmSync(path, { force: true });
  } catch {
    // None were made yet.
  }
}
