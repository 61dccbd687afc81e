import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { type Fault, fault } from "../fault/fault.ts";
import type { ServerCertificate } from "./leaves.ts";

/** Where a certificate of the user's own is, absolute paths of PEM files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Certificates that the user brings along. */
export interface OwnCertificates {
  /** The first one of `files` that is for the name; null: none is. Files that changed are read again. */
  readonly find: (name: string, files: readonly CertificateFiles[]) => ServerCertificate | null;
}

/** Files are looked at this often at most, ms: what renews certificates replaces them. */
const LOOK_PAUSE = 2_000;

interface Kept {
  readonly stamp: string;
  readonly leaf: X509Certificate;
  readonly certificate: ServerCertificate;
}

/** `failed` is told once of each file that can't be used, and again when it changes. */
export function createOwnCertificates(failed: (files: CertificateFiles, why: Fault) => void): OwnCertificates {
  const known = new Map<string, { kept: Kept | null; stamp: string; seen: number }>();

  function look(files: CertificateFiles): Kept | null {
    const id = `${files.cert}\n${files.key}`;
    const before = known.get(id);
    const now = performance.now();
    if (before !== undefined && now - before.seen < LOOK_PAUSE) return before.kept;
    const stamp = `${stampOf(files.cert)} ${stampOf(files.key)}`;
    if (before !== undefined && before.stamp === stamp) {
      before.seen = now;
      return before.kept;
    }
    const read = readFiles(files, stamp);
    if ("fault" in read) failed(files, read);
    const kept = "fault" in read ? null : read;
    known.set(id, { kept, stamp, seen: now });
    return kept;
  }

  return {
    find: (name, files) => {
      for (const one of files) {
        const kept = look(one);
        if (kept?.leaf.checkHost(name) !== undefined) return kept.certificate;
      }
      return null;
    },
  };
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

function readFiles({ cert, key }: CertificateFiles, stamp: string): Kept | Fault {
  try {
    const chain = readFileSync(cert, "utf8");
    const leaf = new X509Certificate(chain);
    const keyText = readFileSync(key, "utf8");
    if (!leaf.checkPrivateKey(createPrivateKey(keyText))) return unusable(`${key} is not the key of ${cert}`);
    if (Date.parse(leaf.validTo) < Date.now()) return unusable(`${cert} ended on ${leaf.validTo}`);
    return { stamp, leaf, certificate: { chain, key: keyText, renewAt: Number.POSITIVE_INFINITY } };
  } catch (error) {
    return unusable(`${cert} and ${key} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const unusable = (why: string): Fault =>
  fault("CERTIFICATE_FAILED", why, "until it is mended, Cove's own certificate is used for its names");
