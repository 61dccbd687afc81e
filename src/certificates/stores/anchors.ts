import { join } from "node:path";
import {
  findProgram,
  hasCertificate,
  isFile,
  isFolder,
  readText,
  type Step,
  type Surroundings,
  type TrustStore,
} from "./store.ts";

/** A family of Linux systems: a folder of certificates, and a program that makes the bundle of them that programs read. */
export interface AnchorFamily {
  /** `Debian`. */
  readonly family: string;
  /** The first that is there is taken. */
  readonly folders: readonly string[];
  readonly ending: ".crt" | ".pem";
  readonly update: readonly [string, ...string[]];
  readonly refresh: readonly [string, ...string[]];
  /** What is made of it. */
  readonly bundle: string;
}

/** The family's store, where this is such a system. */
export function anchorStore(family: AnchorFamily, where: Surroundings): readonly TrustStore[] {
  const folder = family.folders.find(isFolder);
  if (where.platform !== "linux" || folder === undefined) return [];
  if (findProgram(family.update[0], where) === null) return [];
  const fileOf = (id: string) => join(folder, `${id}${family.ending}`);
  const step = (says: string, command: Step["command"]): Step => ({ says, command, privileged: true });
  return [
    {
      sort: "system",
      title: `the system's store (${family.family})`,
      covers: "curl, git, Python, Go, PHP, Ruby",
      lacks: () => null,
      present: ({ id, pem }) =>
        hasCertificate(readText(fileOf(id)), pem) && hasCertificate(readText(family.bundle), pem),
      traces: ({ id }) => isFile(fileOf(id)),
      install: ({ id, file }) => [
        step("copy the certificate to the system's", ["install", "-m", "0644", file, fileOf(id)]),
        step("make the system's bundle anew", family.update),
      ],
      remove: ({ id }) => [
        step("delete the certificate from the system's", ["rm", "-f", fileOf(id)]),
        step("make the system's bundle anew", family.refresh),
      ],
    },
  ];
}
