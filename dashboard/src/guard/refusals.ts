import type { GuardView } from "../../../src/home/view/view.ts";

type Refusal = GuardView["refusals"][number];

/** The same thing refused for the same reason, however often and in between what else. */
export interface RefusalGroup extends Omit<Refusal, "peer"> {
  readonly key: string;
  /** Who asked, the last ones first. */
  readonly peers: readonly string[];
}

/** Shown of those who asked; a scan comes from many. */
const PEERS = 3;

/** Refusals by what was asked and why, the latest first. `refusals` are newest first. */
export function refusalGroups(refusals: readonly Refusal[]): RefusalGroup[] {
  const groups = new Map<string, RefusalGroup>();
  for (const { peer, ...refusal } of refusals) {
    const { check, service, what, why } = refusal;
    const key = [check, service, what, why].join("\n");
    const who = peerText(peer);
    const before = groups.get(key);
    if (before === undefined) {
      groups.set(key, { ...refusal, key, peers: who === "" ? [] : [who] });
      continue;
    }
    const known = before.peers.includes(who) || who === "" || before.peers.length >= PEERS;
    groups.set(key, {
      ...before,
      count: before.count + refusal.count,
      since: Math.min(before.since, refusal.since),
      peers: known ? before.peers : [...before.peers, who],
    });
  }
  return [...groups.values()];
}

function peerText({ address, uid }: Refusal["peer"]): string {
  return [uid === null ? "" : `uid ${uid}`, address].filter((part) => part !== "").join(" at ");
}

/** What each check is, in a word or two. */
export const CHECK_WORDS: Record<Refusal["check"], string> = {
  host: "unknown name",
  "cross-site": "foreign page",
  peer: "foreign user",
  limits: "too much",
  token: "no token",
};
