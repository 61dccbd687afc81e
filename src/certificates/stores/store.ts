import { spawnSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A root as stores know it. */
export interface TrustedRoot {
  /** `Cove local authority 5b60a970`. */
  readonly name: string;
  /** What its files and aliases are called: `cove-local-authority-5b60a970`. */
  readonly id: string;
  /** A PEM file of it. */
  readonly file: string;
  readonly pem: string;
  /** Upper-case hex with colons. */
  readonly sha256: string;
  /** Lower-case hex. */
  readonly sha1: string;
}

/** One thing to do, as a command that one could type. */
export interface Step {
  /** In words: `add it to the system's store`. */
  readonly says: string;
  readonly command: readonly [string, ...string[]];
  /** It needs root's rights. */
  readonly privileged: boolean;
}

/** One place where programs look up whom to trust. */
export interface TrustStore {
  /** `system`, `java`, `chromium`, `firefox`: several places may be of one sort. */
  readonly sort: string;
  /** For people: `the system's store (Debian)`. */
  readonly title: string;
  /** Who looks there. */
  readonly covers: string;
  /** What is missing to use it, and how to get it; null: nothing. */
  readonly lacks: () => string | null;
  readonly present: (root: TrustedRoot) => boolean;
  /** Something of it is there, though not enough to be trusted. Absent: that can't be. */
  readonly traces?: (root: TrustedRoot) => boolean;
  /** What puts it there. */
  readonly install: (root: TrustedRoot) => readonly Step[];
  /** What takes it away again. */
  readonly remove: (root: TrustedRoot) => readonly Step[];
}

/** The machine and user whose stores are looked for. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** A kind of store: the places of it that this machine has. */
export type FindStores = (where: Surroundings) => readonly TrustStore[];

/** The root of a PEM file. */
export function trustedRoot(pem: string, file: string): TrustedRoot {
  const certificate = new X509Certificate(pem);
  const name = /CN=(.+)/.exec(certificate.subject)?.[1] ?? "Cove local authority";
  return {
    name,
    id: name.toLowerCase().replace(/[^a-z0-9]+/g, "-"),
    file,
    pem,
    sha256: certificate.fingerprint256,
    sha1: createHash("sha1").update(certificate.raw).digest("hex"),
  };
}

/** A program's path, as this user's PATH or the system's folders lead to it; null: it isn't installed. */
export function findProgram(name: string, { env }: Pick<Surroundings, "env">): string | null {
  const folders = [...(env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/bin"];
  for (const folder of folders) {
    if (folder === "") continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

export function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Whether a file of many certificates has this one: only its lines count, not the text around them. */
export function hasCertificate(bundle: string | null, pem: string): boolean {
  const lines = pem.replace(/-----[A-Z ]+-----|\s/g, "");
  return bundle?.replace(/\s/g, "").includes(lines) ?? false;
}

/** Asks a program of the system; null: it failed. */
export function askProgram(command: string, args: readonly string[], env: Surroundings["env"]): string | null {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", timeout: 20_000, env: { ...env } });
  return status === 0 ? stdout : null;
}
