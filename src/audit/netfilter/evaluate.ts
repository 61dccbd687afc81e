import { type Holds, holds, lookedUp } from "./match.ts";
import { fieldOf, type Packet, UNKNOWN } from "./packet.ts";
import { type Chain, field, type Ruleset, type Statement } from "./ruleset.ts";

/** What becomes of a packet. */
export interface Fate {
  /** It gets to a listener of this machine, or is passed on to a container. */
  readonly passed: boolean;
  readonly packet: Packet;
  /** Whose rule dropped it: `inet filter`. */
  readonly table: string | null;
  /** What could not be evaluated on the way; null when all could. */
  readonly unsure: string | null;
}

/** A packet somewhere in the rules. */
interface Walk {
  readonly packet: Packet;
  /** Base chains that are still to come, with their hook's name. */
  readonly ahead: readonly Chain[];
  /** Chains and rules to go on with; the last one is where it is. */
  readonly stack: readonly (readonly [chain: Chain, rule: number])[];
  /** The next statement of that rule. */
  readonly statement: number;
  readonly unsure: string | null;
  readonly hook: "prerouting" | "input" | "forward";
}

type Step = { readonly next: readonly Walk[] } | { readonly fate: Fate };

/** Steps after which rules count as too many to follow: each unknown match doubles the ways. */
const MOST_STEPS = 50_000;
const MOST_WAYS = 64;

/** Follows a packet from outside through every chain that sees it, in the kernel's order. One fate per way that it may go. */
export function fatesOf(packet: Packet, ruleset: Ruleset): Fate[] {
  const fates: Fate[] = [];
  const open: Walk[] = [start(packet, ruleset)];
  for (let steps = 0; open.length > 0; steps++) {
    const walk = open.pop();
    if (walk === undefined) break;
    if (steps > MOST_STEPS || fates.length > MOST_WAYS) {
      return [...fates, { passed: true, packet, table: null, unsure: "there are too many rules" }];
    }
    const step = advance(walk, ruleset);
    if ("fate" in step) fates.push(step.fate);
    else open.push(...step.next);
  }
  return fates;
}

function start(packet: Packet, ruleset: Ruleset): Walk {
  const ahead = [...chainsAt("ingress", packet, ruleset), ...chainsAt("prerouting", packet, ruleset)];
  return { packet, ahead, stack: [], statement: 0, unsure: null, hook: "prerouting" };
}

/** Base chains of a hook that see the packet, in their order. */
function chainsAt(hook: string, { family, iif }: Packet, { chains }: Ruleset): Chain[] {
  const families = hook === "ingress" ? ["netdev", "inet"] : ["inet", family];
  return chains
    .filter(
      (chain) =>
        chain.base?.hook === hook &&
        families.includes(chain.family) &&
        (chain.base.devices.length === 0 || chain.base.devices.includes(iif)),
    )
    .toSorted((a, b) => (a.base?.priority ?? 0) - (b.base?.priority ?? 0));
}

function advance(walk: Walk, ruleset: Ruleset): Step {
  const [chain, rule] = walk.stack.at(-1) ?? [null, 0];
  if (chain === null) return nextBase(walk, ruleset);
  const statements = chain.rules[rule];
  if (statements === undefined) return endOfChain(walk, chain);
  const statement = statements[walk.statement];
  if (statement === undefined) return { next: [nextRule(walk)] };
  return obey(statement, walk, chain, ruleset);
}

function nextBase(walk: Walk, ruleset: Ruleset): Step {
  const [chain, ...ahead] = walk.ahead;
  if (chain !== undefined) {
    // Of what changes addresses only the first rule that does counts.
    const skipped = chain.base?.type === "nat" && walk.packet.translated;
    return { next: [skipped ? { ...walk, ahead } : { ...walk, ahead, stack: [[chain, 0]], statement: 0 }] };
  }
  if (walk.hook !== "prerouting")
    return { fate: { passed: true, packet: walk.packet, table: null, unsure: walk.unsure } };
  const hook = walk.packet.local ? "input" : "forward";
  return { next: [{ ...walk, hook, ahead: chainsAt(hook, walk.packet, ruleset) }] };
}

function endOfChain(walk: Walk, chain: Chain): Step {
  const above = walk.stack.slice(0, -1);
  // A chain that was gone to by `goto` has no way back but to what stands above: its base chain's policy.
  if (above.length > 0) return { next: [nextRule({ ...walk, stack: above })] };
  const policy = walk.stack[0]?.[0].base?.policy ?? "accept";
  return policy === "drop" ? dropped(walk, chain) : accepted(walk);
}

function nextRule(walk: Walk): Walk {
  const [chain, rule] = walk.stack.at(-1) ?? [null, 0];
  return chain === null ? walk : { ...walk, stack: [...walk.stack.slice(0, -1), [chain, rule + 1]], statement: 0 };
}

function nextStatement(walk: Walk): Walk {
  return { ...walk, statement: walk.statement + 1 };
}

function accepted(walk: Walk): Step {
  return { next: [{ ...walk, stack: [], statement: 0 }] };
}

function dropped({ packet, unsure, stack }: Walk, chain: Chain): Step {
  const { family, table } = stack[0]?.[0] ?? chain;
  return { fate: { passed: false, packet, table: `${family} ${table}`, unsure } };
}

function obey(statement: Statement, walk: Walk, chain: Chain, ruleset: Ruleset): Step {
  const [kind = ""] = Object.keys(statement);
  const value = statement[kind];
  switch (kind) {
    case "match":
      return depends(holds(value, walk.packet, chain, ruleset), "a match", walk);
    case "limit":
    case "ct count":
      // One connection is under any limit.
      return depends(field(value, "inv") !== true, kind, walk);
    case "quota":
      return depends(null, kind, walk);
    case "vmap":
      return byMap(value, walk, chain, ruleset);
    case "mangle":
      return { next: [nextStatement(mangled(value, walk))] };
    case "notrack":
      return { next: [nextStatement({ ...walk, packet: { ...walk.packet, tracked: false } })] };
    case "dnat":
    case "redirect":
      return translated(kind, value, walk, chain, ruleset);
    case "xt":
      return field(value, "type") === "target"
        ? unreadable(walk, chain, "a rule of iptables")
        : depends(null, "a match of iptables", walk);
    case "queue":
    case "tproxy":
    case "synproxy":
    case "fwd":
      return unreadable(walk, chain, kind);
    default:
      return verdict(kind, value, walk, chain, ruleset) ?? { next: [nextStatement(walk)] };
  }
}

/** A verdict; null for statements that decide nothing, such as a counter. */
function verdict(kind: string, value: unknown, walk: Walk, chain: Chain, ruleset: Ruleset): Step | null {
  switch (kind) {
    case "accept":
    case "masquerade":
    case "snat":
      return accepted(walk);
    case "drop":
    case "reject":
      return dropped(walk, chain);
    case "continue":
      return { next: [nextRule(walk)] };
    case "return":
      return endOfChain(walk, chain);
    case "jump":
    case "goto": {
      const name = field(value, "target");
      const target = ruleset.chains.find(
        (one) => one.family === chain.family && one.table === chain.table && one.name === name,
      );
      if (target === undefined || walk.stack.length > 64) return unreadable(walk, chain, "a jump");
      // After a goto, the rest of this chain is not come back to.
      const back = kind === "jump" ? walk.stack : [...walk.stack.slice(0, -1), [chain, chain.rules.length] as const];
      return { next: [{ ...walk, stack: [...back, [target, 0]], statement: 0 }] };
    }
    default:
      return null;
  }
}

function depends(found: Holds, what: string, walk: Walk): Step {
  if (found === true) return { next: [nextStatement(walk)] };
  if (found === false) return { next: [nextRule(walk)] };
  const unsure = walk.unsure ?? `${what} can't be evaluated`;
  return { next: [nextStatement({ ...walk, unsure }), nextRule({ ...walk, unsure })] };
}

/** Anything may happen: the rule drops, lets through, or does nothing to it. */
function unreadable(walk: Walk, { family, table }: Chain, what: string): Step {
  const unsure = walk.unsure ?? `${what} can't be evaluated`;
  const out = { ...walk, unsure };
  const drops: Chain = { family, table, name: "", base: null, rules: [[{ drop: null }]] };
  return {
    next: [
      nextRule(out),
      { ...out, stack: [], statement: 0 },
      { ...out, stack: [[drops, 0]], statement: 0, ahead: [] },
    ],
  };
}

function byMap(value: unknown, walk: Walk, chain: Chain, ruleset: Ruleset): Step {
  const key = fieldOf(field(value, "key"), walk.packet);
  const found = key === UNKNOWN ? null : lookedUp(key, field(value, "data"), chain, ruleset);
  if (found === undefined) return { next: [nextStatement(walk)] };
  const [kind] = typeof found === "object" && found !== null ? Object.keys(found) : [];
  if (kind === undefined) return unreadable(walk, chain, "a verdict map");
  return verdict(kind, field(found, kind), walk, chain, ruleset) ?? unreadable(walk, chain, "a verdict map");
}

function mangled(value: unknown, walk: Walk): Walk {
  if (field(field(field(value, "key"), "meta"), "key") !== "mark") return walk;
  const mark = fieldOf(field(value, "value"), walk.packet);
  return typeof mark === "number"
    ? { ...walk, packet: { ...walk.packet, mark } }
    : { ...walk, unsure: walk.unsure ?? "a mark can't be evaluated" };
}

/** The packet goes on to another address or port: to a container, or to a proxy of this machine. */
function translated(kind: string, value: unknown, walk: Walk, chain: Chain, ruleset: Ruleset): Step {
  const { packet } = walk;
  const place = (name: string) => {
    const given = field(value, name);
    const map = field(given, "map");
    return map === undefined ? given : lookedUp(fieldOf(field(map, "key"), packet), field(map, "data"), chain, ruleset);
  };
  const [address, port] = [place("addr"), place("port")];
  const target = typeof address === "string" ? address : packet.target;
  const range = field(port, "range");
  const first = Array.isArray(range) ? range[0] : port;
  const unclear =
    (address !== undefined && typeof address !== "string") || (first !== undefined && typeof first !== "number");
  const local = kind === "redirect" || target === packet.target ? packet.local : isLoopbackOrOwn(target, packet);
  const changed = {
    ...packet,
    ...{ target, local, translated: true, port: typeof first === "number" ? first : packet.port },
  };
  return accepted({
    ...walk,
    packet: changed,
    unsure: unclear ? (walk.unsure ?? "a translation can't be evaluated") : walk.unsure,
  });
}

function isLoopbackOrOwn(target: string, packet: Packet): boolean {
  return target.startsWith("127.") || target === "::1" || target === packet.originalTarget;
}
