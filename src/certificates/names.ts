import { type Fault, fault } from "../fault/fault.ts";

/** Names that every authority may sign. */
export const LOCALHOST = "localhost";
/** Single labels below which nobody can register a name (RFC 6761, RFC 9476, ICANN 2024). */
const RESERVED = new Set(["localhost", "test", "internal", "example", "invalid", "alt"]);
const LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
/** What all labels of a name and their dots may take (RFC 1035 §2.3.4). */
const LONGEST = 253;

/** Whether a text, in lower case, is a name that a certificate can be made for: no address, no wildcard. */
export function isCertificateName(name: string): boolean {
  return name.length <= LONGEST && NAME.test(name) && !/(?:^|\.)[0-9]+$/.test(name);
}

/** Whether a name lies at or below one of the suffixes. */
export function isWithin(name: string, suffixes: readonly string[]): boolean {
  return suffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}

/**
 * A suffix that an authority may be made for, in lower case and without a leading dot. Fault: USAGE, for what is no name and
 * for a top-level domain of the public DNS, below which the authority could sign for other people's sites.
 */
export function certificateSuffix(text: string): string | Fault {
  const suffix = text
    .toLowerCase()
    .replace(/^\*?\./, "")
    .replace(/\.$/, "");
  if (!isCertificateName(suffix)) {
    return fault("USAGE", `${text} is no domain name`, "give a suffix such as test or dev.example.com");
  }
  if (!suffix.includes(".") && !RESERVED.has(suffix)) {
    return fault(
      "USAGE",
      `an authority for all of .${suffix} could sign for other people's sites`,
      `give a domain of your own below it (dev.example.${suffix}), or a reserved one such as test`,
    );
  }
  return suffix;
}
