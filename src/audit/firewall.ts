import { runTool } from "../machine/systems/run-tool.ts";

/** Whether this machine drops connections from outside unless a rule lets them in. */
export interface Firewall {
  /** `nftables`, `ufw`, `pf` …; null where none was found. */
  readonly name: string | null;
  /** `unknown`: this user may not ask. */
  readonly state: "filters" | "open" | "unknown";
}

/** Asks the firewalls that this system may have. */
export function readFirewall(): Firewall {
  if (process.platform === "darwin") {
    return applicationFirewall(runTool("/usr/libexec/ApplicationFirewall/socketfilterfw", ["--getglobalstate"]));
  }
  if (process.platform === "win32") {
    return windowsFirewall(runTool("netsh", ["advfirewall", "show", "allprofiles", "state"]));
  }
  const root = process.geteuid?.() === 0;
  const ufw = ufwState(runTool("ufw", ["status"]));
  if (ufw.state === "filters") return ufw;
  const nft = nftState(runTool("nft", ["list", "ruleset"]), root);
  if (nft.state === "filters") return nft;
  const iptables = iptablesState(runTool("iptables", ["-S", "INPUT"]));
  if (iptables.state === "filters") return iptables;
  return [ufw, nft, iptables].find(({ name }) => name !== null) ?? { name: null, state: root ? "open" : "unknown" };
}

/** `ufw status`: it drops what comes in once it is active. */
export function ufwState(output: string): Firewall {
  const status = /^Status:\s*(\w+)/m.exec(output)?.[1];
  if (status === undefined) return { name: null, state: "unknown" };
  return { name: "ufw", state: status === "active" ? "filters" : "open" };
}

/** `nft list ruleset`: filters if a chain at the input hook drops by default, or ends in a drop for all. */
export function nftState(output: string, root: boolean): Firewall {
  if (output.trim() === "") return { name: null, state: root ? "open" : "unknown" };
  for (const [, chain = ""] of output.matchAll(/chain\s+\S+\s*\{([^}]*)\}/g)) {
    if (!/hook\s+input\b/.test(chain)) continue;
    const last = chain.trim().split("\n").at(-1)?.trim() ?? "";
    if (/policy\s+drop/.test(chain) || /^(?:counter\s.*)?(?:drop|reject\b.*)$/.test(last)) {
      return { name: "nftables", state: "filters" };
    }
  }
  return { name: "nftables", state: "open" };
}

/** `iptables -S INPUT`. */
export function iptablesState(output: string): Firewall {
  if (!/^-P INPUT/m.test(output)) return { name: null, state: "unknown" };
  const drops = /^-P INPUT (DROP|REJECT)/m.test(output) || /^-A INPUT -j (DROP|REJECT)/m.test(output);
  return { name: "iptables", state: drops ? "filters" : "open" };
}

/** macOS: `Firewall is enabled. (State = 1)`. */
export function applicationFirewall(output: string): Firewall {
  const state = /State\s*=\s*(\d)/.exec(output)?.[1];
  if (state === undefined) return { name: null, state: "unknown" };
  return { name: "the application firewall", state: state === "0" ? "open" : "filters" };
}

/** Windows: a line `State ON` for each profile; one that is off leaves its networks open. */
export function windowsFirewall(output: string): Firewall {
  const states = [...output.matchAll(/^\S+\s+(ON|OFF)\s*$/gim)].map(([, state = ""]) => state.toUpperCase());
  if (states.length === 0) return { name: "Windows Firewall", state: "unknown" };
  return { name: "Windows Firewall", state: states.includes("OFF") ? "open" : "filters" };
}
