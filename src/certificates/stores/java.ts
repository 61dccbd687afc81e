import { accessSync, constants, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { askProgram, type FindStores, findProgram, isFile, type Step, type Surroundings } from "./store.ts";

/** What Java's own store has been locked with since ever. */
const PASSWORD = "changeit";

/** The store of the Java that JAVA_HOME or PATH leads to. */
export const findJava: FindStores = (where) => {
  const home = javaHome(where);
  if (home === null) return [];
  const keystore = join(home, "lib/security/cacerts");
  const keytool = join(home, "bin", where.platform === "win32" ? "keytool.exe" : "keytool");
  if (!isFile(keystore) || !isFile(keytool)) return [];
  const common = ["-keystore", keystore, "-storepass", PASSWORD];
  const step = (says: string, args: readonly string[]): Step => {
    return { says, command: [keytool, ...args, ...common], privileged: !canWrite(keystore) };
  };
  // The system's store may have been copied to it, under an alias of its own.
  const aliasesOf = (sha256: string) => aliases(askProgram(keytool, ["-list", ...common], where.env) ?? "", sha256);
  return [
    {
      sort: "java",
      title: `Java's store in ${keystore}`,
      covers: "Java, Kotlin, Scala",
      lacks: () => null,
      present: ({ sha256 }) => aliasesOf(sha256).length > 0,
      install: ({ id, file }) => [
        step("add the certificate to Java's store", ["-importcert", "-noprompt", "-alias", id, "-file", file]),
      ],
      remove: ({ sha256 }) =>
        aliasesOf(sha256).map((alias) => step("delete it from Java's store", ["-delete", "-alias", alias])),
    },
  ];
};

/** Under which aliases keytool lists a certificate: two lines each, the second with its fingerprint. */
function aliases(listed: string, sha256: string): string[] {
  const entry = /^(.+?), .*trustedCertEntry,?\s*\n.*: ([0-9A-F:]+)$/gm;
  return [...listed.matchAll(entry)].flatMap(([, alias = "", print]) => (print === sha256 ? [alias] : []));
}

function javaHome(where: Surroundings): string | null {
  const { JAVA_HOME: named } = where.env;
  if (named) return named;
  const java = findProgram(where.platform === "win32" ? "java.exe" : "java", where);
  if (java === null) return null;
  try {
    return dirname(dirname(realpathSync(java)));
  } catch {
    return null;
  }
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
