import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { netfilter } from "../src/audit/firewall.ts";
import { parseIptables } from "../src/audit/netfilter/iptables.ts";
import type { NetworkInterface, Reach } from "../src/audit/netfilter/reach.ts";
import { EMPTY, parseNft, type Ruleset } from "../src/audit/netfilter/ruleset.ts";
import { eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";

const missing = process.getuid?.() !== 0 || ["ip", "nft", "python3"].some((name) => program(name) === null);
const legacy = program("iptables-legacy-save") !== null && program("iptables-save") !== null;

/** The guarded machine, as its neighbour sees it; the second address of ours is of another network. */
const HERE = { ours: "10.63.90.1", other: "10.63.91.1", v6: "fd63:90::1" };
const THERE = { v4: "10.63.90.2", v6: "fd63:90::2" };
const INTERFACES: NetworkInterface[] = [{ name: "veth-in", index: 0, addresses: [`${THERE.v4}/24`, `${THERE.v6}/64`] }];
const PORTS = [5432, 6379, 8080];

const name = `cove-wall-${process.pid}`;
const inside = (...args: string[]) =>
  execFileSync("ip", ["netns", "exec", name, ...args], { encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
let server: ChildProcess | undefined;

/** Listens on every address of both families, on every port. */
const SERVER = `
import selectors, socket, sys
ready = selectors.DefaultSelector()
for port in map(int, sys.argv[1:]):
    s = socket.socket(socket.AF_INET6)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", port)); s.listen(64); ready.register(s, 1)
print("ready", flush=True)
while True:
    for key, _ in ready.select():
        key.fileobj.accept()[0].close()
`;

describe.skipIf(missing)("what the rules say is what the kernel does (needs root, ip, nft, python3)", () => {
  beforeAll(async () => {
    const ip = (...args: string[]) => execFileSync("ip", args, { stdio: "pipe" });
    ip("netns", "add", name);
    const outer = `cvw${process.pid % 100_000}`;
    ip("link", "add", outer, "type", "veth", "peer", "name", "veth-in", "netns", name);
    for (const address of [`${HERE.ours}/24`, `${HERE.other}/24`]) ip("addr", "add", address, "dev", outer);
    ip("-6", "addr", "add", `${HERE.v6}/64`, "dev", outer, "nodad");
    ip("link", "set", outer, "up");
    inside("ip", "addr", "add", `${THERE.v4}/24`, "dev", "veth-in");
    inside("ip", "-6", "addr", "add", `${THERE.v6}/64`, "dev", "veth-in", "nodad");
    inside("ip", "link", "set", "veth-in", "up");
    inside("ip", "link", "set", "lo", "up");
    inside("ip", "route", "add", "10.63.91.0/24", "dev", "veth-in");
    server = spawn("ip", ["netns", "exec", name, "python3", "-c", SERVER, ...PORTS.map(String)], { stdio: "pipe" });
    await eventually(async () => ((await reaches(HERE.ours, THERE.v4, 8080)) ? true : undefined));
  }, 30_000);
  afterAll(() => {
    server?.kill();
    execFileSync("ip", ["netns", "del", name]);
  });

  /** Whether a connection from one of our addresses is accepted. */
  function reaches(from: string, host: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host, port, localAddress: from, timeout: 250 });
      const say = (answer: boolean) => {
        socket.destroy();
        resolve(answer);
      };
      socket
        .on("connect", () => say(true))
        .on("timeout", () => say(false))
        .on("error", () => say(false));
    });
  }

  /** Who gets in, by the kernel: our first address, our second, over IPv6. */
  async function tried(port: number): Promise<string> {
    const [ours, other, v6] = await Promise.all([
      reaches(HERE.ours, THERE.v4, port),
      reaches(HERE.other, THERE.v4, port),
      reaches(HERE.v6, THERE.v6, port),
    ]);
    return [ours && "ours", other && "other", v6 && "v6"].filter(Boolean).join(" ") || "nobody";
  }

  function said(ruleset: Ruleset, port: number): Reach {
    return netfilter({ ruleset, name: "nftables", unread: null }, INTERFACES).reach({
      ...{ protocol: "tcp", host: "::", port, v6only: false },
    });
  }

  /** Rules on one line, as nft's parser wants them: what a block holds ends with a line. */
  function nftText(rules: string): string {
    const blocks: boolean[] = [];
    return rules.replace(/((?:table \S+|chain|set) \S+ )?\{|\}/g, (text, block: string | undefined) => {
      if (text !== "}") {
        blocks.push(block !== undefined);
        return block === undefined ? text : `${text}\n`;
      }
      return blocks.pop() === true ? "\n}\n" : text;
    });
  }

  function load(rules: string): Ruleset {
    execFileSync("ip", ["netns", "exec", name, "nft", "-f", "-"], { input: `flush ruleset\n${nftText(rules)}\n` });
    return parseNft(inside("nft", "-j", "list", "ruleset")) ?? EMPTY;
  }

  const input = (rules: string, policy = "accept", family = "inet", priority = "0") =>
    `table ${family} filter { chain input { type filter hook input priority ${priority}; policy ${policy}; ${rules} } }`;

  /** Rules; then for each port: who gets in when it is tried, and what Cove says of it. */
  test.each<[string, string, Partial<Record<number, [string, Reach["letIn"], RegExp?]>>]>([
    ["no rules", "", { 8080: ["ours other v6", "everyone"] }],
    [
      "a drop for one port",
      input("tcp dport 6379 drop"),
      { 6379: ["nobody", "nobody"], 8080: ["ours other v6", "everyone"] },
    ],
    [
      "a policy and one port let in",
      input('iif "lo" accept; ct state established,related accept; tcp dport 8080 accept', "drop"),
      { 8080: ["ours other v6", "everyone"], 6379: ["nobody", "nobody"] },
    ],
    [
      "a drop that stands behind an accept",
      input("tcp dport 8080 accept; drop"),
      { 8080: ["ours other v6", "everyone"], 5432: ["nobody", "nobody"] },
    ],
    [
      "an accept in one chain and a drop in a later one",
      `${input("tcp dport 8080 accept", "accept", "inet", "-10")} table inet late { chain in { type filter hook input priority 10; tcp dport 8080 drop; } }`,
      { 8080: ["nobody", "nobody"], 6379: ["ours other v6", "everyone"] },
    ],
    ["a drop of IPv4 alone", input("drop", "accept", "ip"), { 8080: ["v6", "some", /IPv6 only/] }],
    [
      "a drop of IPv6 alone",
      input("tcp dport 8080 drop", "accept", "ip6"),
      { 8080: ["ours other", "some", /IPv4 only/] },
    ],
    [
      "one network let in",
      input("ip saddr 10.63.90.0/24 tcp dport 5432 accept; tcp dport 5432 drop"),
      { 5432: ["ours", "some", /10\.63\.90\.0/], 8080: ["ours other v6", "everyone"] },
    ],
    [
      "one network kept out",
      input("ip saddr 10.63.91.0/24 reject"),
      { 8080: ["ours v6", "some", /everyone but 10\.63\.91\.0/] },
    ],
    [
      "ports by range, set and verdict map",
      `table inet filter { set web { type inet_service; flags interval; elements = { 8000-8100 } } chain input { type filter hook input priority 0; policy drop; tcp dport @web accept; tcp dport vmap { 5432 : accept, 6000-6500 : drop } } }`,
      { 8080: ["ours other v6", "everyone"], 5432: ["ours other v6", "everyone"], 6379: ["nobody", "nobody"] },
    ],
    [
      "a jump that returns, and a goto that doesn't",
      `table inet filter { chain a { tcp dport 8080 return; drop } chain b { tcp dport 6379 accept; } chain input { type filter hook input priority 0; policy drop; tcp dport { 8080, 5432 } jump a; tcp dport 8080 accept; goto b } }`,
      { 8080: ["ours other v6", "everyone"], 5432: ["nobody", "nobody"], 6379: ["ours other v6", "everyone"] },
    ],
    [
      "rules for another interface",
      input('iifname "wlan*" drop; iifname "veth*" tcp dport 8080 drop'),
      { 8080: ["nobody", "nobody"], 6379: ["ours other v6", "everyone"] },
    ],
    ["all but loopback", input('iif != "lo" tcp dport 8080 drop'), { 8080: ["nobody", "nobody"] }],
    [
      "a drop at prerouting",
      "table inet x { chain y { type filter hook prerouting priority -150; tcp dport { 8080, 6379 } drop } }",
      { 8080: ["nobody", "nobody"], 5432: ["ours other v6", "everyone"] },
    ],
    [
      "a drop of what is forwarded",
      "table inet x { chain y { type filter hook forward priority 0; policy drop; } }",
      { 8080: ["ours other v6", "everyone"] },
    ],
    ["a drop for UDP", input("udp dport 8080 drop"), { 8080: ["ours other v6", "everyone"] }],
    [
      "marks from one chain to the next",
      "table inet x { chain y { type filter hook prerouting priority -150; tcp dport 8080 meta mark set 7 } chain z { type filter hook input priority 0; policy drop; meta mark 7 accept } }",
      { 8080: ["ours other v6", "everyone"], 6379: ["nobody", "nobody"] },
    ],
    [
      "new connections refused by their state",
      input("tcp dport 8080 ct state new drop; ct state invalid drop"),
      { 8080: ["nobody", "nobody"], 6379: ["ours other v6", "everyone"] },
    ],
    [
      "a port that is turned to another",
      "table inet n { chain p { type nat hook prerouting priority -100; tcp dport 9999 redirect to :8080 } chain i { type filter hook input priority 0; tcp dport 8080 ct status dnat accept; tcp dport 8080 drop } }",
      { 5432: ["ours other v6", "everyone"] },
    ],
    [
      "a pair of address and port in a set",
      `table inet filter { set ok { type ipv4_addr . inet_service; flags interval; elements = { 10.63.90.0/24 . 8000-8100 } } chain input { type filter hook input priority 0; policy drop; ip saddr . tcp dport @ok accept; meta l4proto ipv6-icmp accept } }`,
      { 8080: ["ours", "some", /10\.63\.90\.0/], 6379: ["nobody", "nobody"] },
    ],
    [
      "limits and counters",
      input("tcp dport 8080 limit rate over 100/second drop; tcp dport 6379 ct count over 50 reject; counter"),
      { 8080: ["ours other v6", "everyone"], 6379: ["ours other v6", "everyone"] },
    ],
  ])("%s", async (_, rules, expected) => {
    const ruleset = load(rules);
    for (const [port, [inFact, letIn, who]] of Object.entries(expected).map(
      ([port, one]) => [Number(port), one ?? ["", "nobody"]] as const,
    )) {
      // IPv6 needs its neighbour discovery, which a policy of drop takes away: who gets in there is told by Cove alone.
      const kernel = await tried(port);
      const reach = said(ruleset, port);
      expect({ port, letIn: reach.letIn }).toEqual({ port, letIn });
      if (who !== undefined) expect(reach.who).toMatch(who);
      const without = (text: string) => text.replace(/ ?v6$/, "") || "nobody";
      expect({ port, kernel: without(kernel) }).toEqual({ port, kernel: without(inFact) });
    }
  });

  test("what can't be evaluated is not known, and said", () => {
    const ruleset = load(input("meta length 44 tcp dport 8080 drop; tcp dport 6379 meta length 44 accept"));
    expect(said(ruleset, 5432).letIn).toBe("everyone");
    // Whether or not that match holds, nothing drops it.
    expect(said(ruleset, 6379).letIn).toBe("everyone");
    expect(said(ruleset, 8080)).toMatchObject({ letIn: "unknown", who: expect.stringContaining("can't be evaluated") });
  });

  test.skipIf(!legacy)("iptables' rules are followed too (needs iptables)", async () => {
    execFileSync("ip", ["netns", "exec", name, "nft", "flush", "ruleset"]);
    const rules = [
      ["-A", "INPUT", "-i", "lo", "-j", "ACCEPT"],
      ["-A", "INPUT", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT"],
      ["-N", "web"],
      ["-A", "web", "!", "-s", "10.63.90.0/24", "-j", "DROP"],
      ["-A", "web", "-m", "comment", "--comment", "our network", "-j", "ACCEPT"],
      ["-A", "INPUT", "-p", "tcp", "-m", "multiport", "--dports", "8000:8100,5432", "-j", "web"],
      ["-P", "INPUT", "DROP"],
    ];
    for (const rule of rules) inside("iptables", ...rule);
    const ruleset = parseIptables(inside("iptables-save"), "ip");
    const v4 = (port: number) =>
      netfilter({ ruleset, name: "iptables", unread: null }, INTERFACES).reach({
        ...{ protocol: "tcp", host: "0.0.0.0", port, v6only: null },
      });
    expect(v4(8080)).toMatchObject({ letIn: "some", who: expect.stringContaining("10.63.90.0/24") });
    expect(v4(6379)).toMatchObject({ letIn: "nobody", tables: ["ip filter"] });
    expect(await tried(8080)).toBe("ours v6");
    expect(await tried(6379)).toBe("v6");
    inside("iptables", "-P", "INPUT", "ACCEPT");
    inside("iptables", "-F");
  });
});
