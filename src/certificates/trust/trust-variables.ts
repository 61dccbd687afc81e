import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { certificatesFolder, rootFile } from "../authority.ts";
import { writePrivate } from "../private-files.ts";
import { hasCertificate, readText } from "../stores/store.ts";

/** Node adds what this names to its own roots. */
const ADDED = "NODE_EXTRA_CA_CERTS";
/** Python, OpenSSL and Go, Python's requests, curl, git and Deno take what these name instead of the system's roots. */
const REPLACED = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "DENO_CERT"];
/** Where systems keep all roots in one file: Debian, Fedora, SUSE; Arch, Alpine, macOS. */
const SYSTEM = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * Variables by which a program trusts this user's authority besides everything that it trusts already. `env` is what it would
 * get otherwise: bundles that it names are joined with the authority, not dropped. Empty where there is no authority.
 */
export function trustVariables(
  stateFolder: string,
  env: Readonly<Record<string, string>>,
  systemBundles: readonly string[] = SYSTEM,
): Record<string, string> {
  const root = readText(rootFile(stateFolder));
  if (root === null) return {};
  try {
    const system = systemBundles.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
    const values: Record<string, string> = {
      [ADDED]: env[ADDED] ? joined(stateFolder, env[ADDED], root) : rootFile(stateFolder),
    };
    for (const name of REPLACED) {
      const base = env[name] || system;
      if (base !== undefined) values[name] = joined(stateFolder, base, root);
    }
    return values;
  } catch {
    // A full disk is no reason not to start a service.
    return {};
  }
}

/** A file with all certificates of `base` and the root; `base` itself where it has the root already or can't be read. */
function joined(stateFolder: string, base: string, root: string): string {
  const others = readText(base);
  if (others === null || hasCertificate(others, root)) return base;
  const id = createHash("sha256").update(base).digest("hex").slice(0, 16);
  const file = join(certificatesFolder(stateFolder), "bundles", `${id}.pem`);
  const text = `${others.trimEnd()}\n${root}`;
  if (readText(file) !== text) writePrivate(file, text);
  return file;
}
