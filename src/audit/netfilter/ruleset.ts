/** One part of a rule, as nft's JSON writes it (libnftables-json(5)): `{ match: … }`, `{ drop: null }`. */
export type Statement = Readonly<Record<string, unknown>>;

/** Where a chain begins to be asked: only such chains see packets by themselves. */
interface BaseChain {
  readonly hook: string;
  readonly priority: number;
  readonly type: string;
  readonly policy: "accept" | "drop";
  /** Interfaces of a chain at the hook ingress; empty: all. */
  readonly devices: readonly string[];
}

export interface Chain {
  /** `inet`, `ip`, `ip6`, `netdev` … */
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly base: BaseChain | null;
  readonly rules: readonly (readonly Statement[])[];
}

/** All tables of the kernel's packet filter. */
export interface Ruleset {
  readonly chains: readonly Chain[];
  /** Elements of named sets and maps, by {@link setKey}. */
  readonly sets: ReadonlyMap<string, readonly unknown[]>;
}

export const EMPTY: Ruleset = { chains: [], sets: new Map() };

export function setKey({ family, table }: Pick<Chain, "family" | "table">, name: string): string {
  return `${family} ${table} ${name}`;
}

/** Reads what `nft -j list ruleset` prints; null when it isn't that. */
export function parseNft(output: string): Ruleset | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(output);
  } catch {
    return null;
  }
  const items = field(parsed, "nftables");
  if (!Array.isArray(items)) return null;
  const chains = new Map<string, Chain & { readonly rules: (readonly Statement[])[] }>();
  const sets = new Map<string, readonly unknown[]>();
  const dormant = new Set<string>();
  for (const item of items) {
    const table = field(item, "table");
    if ([field(table, "flags")].flat().includes("dormant"))
      dormant.add(`${text(table, "family")} ${text(table, "name")}`);
    const chain = field(item, "chain");
    if (chain !== undefined) chains.set(keyOf(chain, "name"), chainOf(chain));
    const rule = field(item, "rule");
    const expressions = field(rule, "expr");
    if (Array.isArray(expressions)) chains.get(keyOf(rule, "chain"))?.rules.push(expressions.filter(isStatement));
    const set = field(item, "set") ?? field(item, "map");
    if (set !== undefined) {
      const elements = field(set, "elem");
      sets.set(keyOf(set, "name"), Array.isArray(elements) ? elements : []);
    }
  }
  return { chains: [...chains.values()].filter((one) => !dormant.has(`${one.family} ${one.table}`)), sets };
}

/** A dormant table's chains are asked nothing. */
function chainOf(chain: unknown): Chain & { readonly rules: (readonly Statement[])[] } {
  const hook = text(chain, "hook");
  const names = [field(chain, "dev") ?? []].flat().filter((one): one is string => typeof one === "string");
  const base =
    hook === ""
      ? null
      : {
          hook,
          priority: Number(field(chain, "prio") ?? 0),
          type: text(chain, "type"),
          policy: text(chain, "policy") === "drop" ? ("drop" as const) : ("accept" as const),
          devices: names,
        };
  return { family: text(chain, "family"), table: text(chain, "table"), name: text(chain, "name"), base, rules: [] };
}

function keyOf(item: unknown, name: string): string {
  return `${text(item, "family")} ${text(item, "table")} ${text(item, name)}`;
}

function text(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : "";
}

/** A property of what may be an object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function isStatement(value: unknown): value is Statement {
  return typeof value === "object" && value !== null;
}
