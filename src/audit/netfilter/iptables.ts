import type { Chain, Ruleset, Statement } from "./ruleset.ts";

/** Where iptables' tables hook in, and when (netfilter_ipv4.h). */
const PRIORITIES: Readonly<Record<string, number>> = { raw: -300, mangle: -150, nat: -100, filter: 0, security: 50 };
const HOOKS: Readonly<Record<string, string>> = { PREROUTING: "prerouting", INPUT: "input", FORWARD: "forward" };

/** Reads what `iptables-save` (`ip`) or `ip6tables-save` (`ip6`) prints, in the terms of nft's rules. */
export function parseIptables(output: string, family: "ip" | "ip6"): Ruleset {
  const chains = new Map<string, Chain & { rules: (readonly Statement[])[] }>();
  let table = "";
  for (const line of output.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1).trim();
    const declared = /^:(\S+) (\S+)/.exec(line);
    if (declared?.[1] !== undefined) {
      const [, name, policy = "-"] = declared;
      const hook = policy === "-" ? undefined : HOOKS[name];
      const type = table === "nat" ? "nat" : "filter";
      const base =
        hook === undefined ? null : { hook, type, priority: PRIORITIES[table] ?? 0, devices: [] as string[] };
      chains.set(`${table} ${name}`, {
        ...{ family, table, name, rules: [] },
        base: base === null ? null : { ...base, policy: policy === "DROP" ? "drop" : "accept" },
      });
    }
    const rule = /^(?:\[\d+:\d+\] )?-A (\S+)(.*)$/.exec(line);
    if (rule?.[1] !== undefined)
      chains.get(`${table} ${rule[1]}`)?.rules.push(statements(words(rule[2] ?? ""), family));
  }
  return { chains: [...chains.values()], sets: new Map() };
}

/** Arguments as a shell would part them: iptables quotes comments. */
function words(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

const UNREADABLE: Statement = { xt: { type: "match", name: "iptables" } };

/** Options that say nothing of which packets they are for, with how many arguments they take. */
const NO_MATCH: Readonly<Record<string, number>> = {
  "-m": 1,
  "--comment": 1,
  "--limit": 1,
  "--limit-burst": 1,
  "--reject-with": 1,
  "--log-prefix": 1,
  "--log-level": 1,
  "--nflog-group": 1,
  "--nflog-prefix": 1,
  "--rsource": 0,
  "--to-destination": 1,
  "--to-ports": 1,
  "--random": 0,
  "--persistent": 0,
};

function statements(args: readonly string[], family: "ip" | "ip6"): Statement[] {
  const found: Statement[] = [];
  let target: string | null = null;
  let goes = false;
  let negated = false;
  for (let at = 0; at < args.length; at++) {
    const option = args[at] ?? "";
    const value = args[at + 1] ?? "";
    if (option === "!") {
      negated = true;
      continue;
    }
    const skipped = NO_MATCH[option];
    if (option === "-j" || option === "-g") {
      target = value;
      goes = option === "-g";
      at++;
    } else if (skipped !== undefined) at += skipped;
    else if (option === "--tcp-flags") {
      found.push(flags(args[at + 1] ?? "", args[at + 2] ?? "", negated));
      at += 2;
    } else if (option === "--syn") found.push(flags("FIN,SYN,RST,ACK", "SYN", negated));
    else if (target !== null) {
      // Options of a target: MARK's is the only one that later rules ask about.
      if (option === "--set-xmark" || option === "--set-mark") found.push(marked(value));
      if (!(args[at + 1] ?? "-").startsWith("-")) at++;
    } else {
      found.push(matching(option, value, negated, family));
      if (!value.startsWith("-") && value !== "!") at++;
    }
    negated = false;
  }
  return [...found, ...ends(target, goes, args)];
}

function matching(option: string, value: string, negated: boolean, family: "ip" | "ip6"): Statement {
  const equal = (left: unknown, right: unknown): Statement => ({ match: { op: negated ? "!=" : "==", left, right } });
  const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
  switch (option) {
    case "-s":
    case "-d":
      return equal(payload(family, option === "-s" ? "saddr" : "daddr"), addresses(value));
    case "-i":
      return equal({ meta: { key: "iifname" } }, value.replace(/\+$/, "*"));
    case "-p":
      return equal({ meta: { key: "l4proto" } }, value === "all" ? "*" : protocolName(value));
    case "--dport":
    case "--dports":
    case "--sport":
    case "--sports":
    case "--ports":
      return equal(payload("th", option.startsWith("--s") ? "sport" : "dport"), { set: value.split(",").map(ports) });
    case "--ctstate":
    case "--state":
      return equal({ ct: { key: "state" } }, { set: value.toLowerCase().split(",") });
    case "--dst-type":
      return equal({ fib: { result: "type", flags: ["daddr"] } }, { set: value.toLowerCase().split(",") });
    case "--src-type":
      return equal({ fib: { result: "type", flags: ["saddr"] } }, { set: value.toLowerCase().split(",") });
    case "--src-range":
      return equal(payload(family, "saddr"), { range: value.split("-") });
    case "--dst-range":
      return equal(payload(family, "daddr"), { range: value.split("-") });
    case "--mark":
      return markMatch(value, negated);
    case "--icmp-type":
    case "--icmpv6-type":
      return equal({ payload: { protocol: "icmp", field: "type" } }, value);
    default:
      return UNREADABLE;
  }
}

function ends(target: string | null, goes: boolean, args: readonly string[]): Statement[] {
  switch (target) {
    case null:
      return [];
    case "ACCEPT":
      return [{ accept: null }];
    case "DROP":
      return [{ drop: null }];
    case "REJECT":
      return [{ reject: null }];
    case "RETURN":
      return [{ return: null }];
    case "DNAT":
    case "REDIRECT":
      return [translation(target, args)];
    case "MASQUERADE":
    case "SNAT":
      return [{ accept: null }];
    case "LOG":
    case "NFLOG":
    case "MARK":
    case "CONNMARK":
    case "CHECKSUM":
    case "TCPMSS":
    case "CLASSIFY":
    case "AUDIT":
      return [];
    case "NOTRACK":
      return [{ notrack: null }];
    case "CT":
      return args.includes("--notrack") ? [{ notrack: null }] : [];
    case "QUEUE":
    case "NFQUEUE":
    case "TPROXY":
    case "SYNPROXY":
    case "SET":
      return target === "SET" ? [] : [{ queue: null }];
    default:
      return [{ [goes ? "goto" : "jump"]: { target } }];
  }
}

function translation(target: string, args: readonly string[]): Statement {
  const given = (option: string) => args[args.indexOf(option) + 1] ?? "";
  if (target === "REDIRECT") {
    const port = Number(given("--to-ports").split("-")[0]);
    return { redirect: Number.isInteger(port) && args.includes("--to-ports") ? { port } : null };
  }
  const [, addr, port] = /^(?:\[?([0-9a-f.:]*?)\]?)?(?::(\d+))?(?:-.*)?$/i.exec(given("--to-destination")) ?? [];
  return {
    dnat: { ...(addr !== undefined && addr !== "" && { addr }), ...(port !== undefined && { port: Number(port) }) },
  };
}

function addresses(value: string): unknown {
  const [addr = "", mask] = value.split("/");
  if (mask === undefined) return addr;
  const bits = mask.includes(".") ? mask.split(".").reduce((sum, part) => sum + ones(Number(part)), 0) : Number(mask);
  return { prefix: { addr, len: bits } };
}

function ones(byte: number): number {
  return byte.toString(2).replaceAll("0", "").length;
}

function ports(text: string): unknown {
  const [first = "", last] = text.split(":");
  if (last === undefined) return Number(first);
  return { range: [Number(first === "" ? "0" : first), Number(last === "" ? "65535" : last)] };
}

function flags(mask: string, wanted: string, negated: boolean): Statement {
  const list = (text: string) => (text === "NONE" ? [] : text.toLowerCase().split(","));
  return {
    match: {
      op: negated ? "!=" : "==",
      left: { "&": [{ payload: { protocol: "tcp", field: "flags" } }, list(mask)] },
      right: list(wanted),
    },
  };
}

function marked(value: string): Statement {
  const [mark = "0"] = value.split("/");
  return { mangle: { key: { meta: { key: "mark" } }, value: Number(mark) } };
}

function markMatch(value: string, negated: boolean): Statement {
  const [mark = "0", mask = "0xffffffff"] = value.split("/");
  const left = { "&": [{ meta: { key: "mark" } }, Number(mask)] };
  return { match: { op: negated ? "!=" : "==", left, right: Number(mark) } };
}

function protocolName(value: string): string {
  return value === "6" ? "tcp" : value === "17" ? "udp" : value;
}
