// Loaded in front of every Node program of a service that finds others by name, where the system gives it no file of hosts of
// its own. Plain CommonJS for any version of Node; it must never throw. COVE_NAMES: `db=127.62.0.3,api=127.62.0.4`.
type Answer = (error: Error | null, address?: unknown, family?: number) => void;
type Lookup = (name: string, ...rest: unknown[]) => unknown;

try {
  const names = new Map(
    (process.env.COVE_NAMES ?? "").split(",").map((entry) => {
      const [name = "", address = ""] = entry.split("=");
      return [name, address] as const;
    }),
  );
  const dns = require("node:dns") as { lookup: Lookup; promises: { lookup: Lookup } };
  const { lookup } = dns;
  const later = dns.promises.lookup;
  const find = (name: unknown) => (typeof name === "string" ? names.get(name.toLowerCase()) : undefined);
  const all = (options: unknown) => (options as { all?: boolean } | null | undefined)?.all === true;
  dns.lookup = function (this: unknown, name, ...rest) {
    const address = find(name);
    const answer = rest[rest.length - 1];
    if (address === undefined || typeof answer !== "function") return lookup.call(this, name, ...rest);
    const found = [{ address, family: 4 }];
    process.nextTick(() => (all(rest[0]) ? (answer as Answer)(null, found) : (answer as Answer)(null, address, 4)));
    return {};
  };
  dns.promises.lookup = async function (this: unknown, name, ...rest) {
    const address = find(name);
    if (address === undefined) return later.call(this, name, ...rest);
    return all(rest[0]) ? [{ address, family: 4 }] : { address, family: 4 };
  };
  // What `import { lookup } from "node:dns"` gives follows the module's own properties only when told.
  (require("node:module") as { syncBuiltinESMExports?: () => void }).syncBuiltinESMExports?.();
} catch {
  // A Node without these: it finds names as the system does.
}
