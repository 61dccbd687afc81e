import { domainToASCII } from "node:url";

const MAX_LABEL = 63;
const MAX_NAME = 253;

/**
 * A host name in its one canonical form: IDNA ASCII (UTS 46), lower case, without the root's trailing dot; null when
 * it isn't a name. Underscores are let through: containers and service records use them.
 */
export function parseName(text: string): string | null {
  const bare = text.endsWith(".") ? text.slice(0, -1) : text;
  if (bare === "" || /[\s/\\?#@:%[\]<>^|]/.test(bare)) return null;
  const ascii = domainToASCII(bare);
  if (ascii === "" || ascii.length > MAX_NAME) return null;
  const labels = ascii.split(".");
  return labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) ? ascii : null;
}

/**
 * Any text as one DNS label (RFC 1123 §2.1): `@acme/Shop Front` gives `acme-shop-front`, `feature/x` gives
 * `feature-x`. What is too long keeps a hash, so that two long branches stay apart. Nothing usable gives `fallback`.
 */
export function toLabel(text: string, fallback = "app"): string {
  const label = text
    .normalize("NFKD")
    .replace(/\p{Mark}+/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (label === "") return fallback;
  if (label.length <= MAX_LABEL) return label;
  // Loaded here: every command reads addresses, and hardly any has so long a name.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const hash = createHash("sha256").update(label).digest("hex").slice(0, 8);
  return `${label.slice(0, MAX_LABEL - 9).replace(/-+$/, "")}-${hash}`;
}
