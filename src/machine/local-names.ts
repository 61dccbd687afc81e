import { lookup } from "node:dns/promises";
import { sleep } from "../async/sleep.ts";

/** A resolver that doesn't know the names itself may ask servers that don't answer: that is a no, ms. */
const ANSWER_TIME = 1_000;
/** How long an answer holds, ms: it changes only with the system's configuration. */
const HOLDS = 30_000;

let known: { readonly at: number; readonly answer: Promise<boolean> } | undefined;

/**
 * Whether this system's resolver, which Node and most programs use, leads `*.localhost` to loopback (RFC 6761 §6.3).
 * Browsers and curl do so by themselves. Takes at most a second.
 */
export function localNamesResolve(): Promise<boolean> {
  const now = performance.now();
  if (known === undefined || now - known.at > HOLDS) known = { at: now, answer: ask() };
  return known.answer;
}

async function ask(): Promise<boolean> {
  const over = new AbortController();
  const found = lookup("probe.cove.localhost", { all: true }).catch(() => []);
  const addresses = await Promise.race([found, sleep(ANSWER_TIME, over.signal).then(() => [])]);
  over.abort();
  return addresses.length > 0 && addresses.every(({ address }) => address === "::1" || address.startsWith("127."));
}

/** What to do so that it does, for one who may change the system. */
export function localNamesAdvice(platform: NodeJS.Platform = process.platform): string {
  if (platform === "linux") {
    return "install nss-myhostname (Debian, Ubuntu: apt install libnss-myhostname; Fedora has it), and name it in the hosts line of /etc/nsswitch.conf";
  }
  const file = platform === "win32" ? "C:\\Windows\\System32\\drivers\\etc\\hosts" : "/etc/hosts";
  return `add a line for each name to ${file}: 127.0.0.1 web.shop.localhost`;
}
