import { type Fault, fault, isFault } from "../fault/fault.ts";
import { nearest } from "../fault/spelling.ts";
import type { Condition } from "./conditions.ts";
import { readConditions } from "./text.ts";

/** A named set of conditions. */
export interface Profile {
  readonly name: string;
  /** Where its values come from. */
  readonly source: string;
  readonly conditions: readonly Condition[];
}

const CHROME = "Chrome DevTools, nominal values";
const WEBPAGETEST = "WebPageTest, connectivity profiles";
const COMCAST = "comcast's guide to simulated connections (netem)";
const COVE = "Cove";

/** Name, source, bit/s down and up, round trip in ms, loss. Half of the round trip applies each way. */
const LINKS: readonly (readonly [string, string, number, number, number, number?])[] = [
  ["slow-3g", CHROME, 500e3, 500e3, 400],
  ["slow-4g", CHROME, 1.6e6, 750e3, 150],
  ["fast-4g", CHROME, 9e6, 1.5e6, 60],
  ["cable", WEBPAGETEST, 5e6, 1e6, 28],
  ["dsl", WEBPAGETEST, 1.5e6, 384e3, 50],
  ["fios", WEBPAGETEST, 20e6, 5e6, 4],
  ["dial", WEBPAGETEST, 49e3, 30e3, 120],
  ["3g", WEBPAGETEST, 1.6e6, 768e3, 300],
  ["3g-fast", WEBPAGETEST, 1.6e6, 768e3, 150],
  ["3g-slow", WEBPAGETEST, 780e3, 330e3, 200],
  ["edge", WEBPAGETEST, 240e3, 200e3, 840],
  ["2g", WEBPAGETEST, 35e3, 32e3, 1300],
  ["comcast-gprs", COMCAST, 50e3, 50e3, 500, 0.02],
  ["comcast-edge", COMCAST, 250e3, 250e3, 300, 0.015],
  ["comcast-hsdpa", COMCAST, 750e3, 750e3, 250, 0.015],
  ["comcast-wifi", COMCAST, 30e6, 30e6, 40, 0.002],
];

/** Name, what it stands for, conditions as text. */
const OWN: readonly (readonly [string, string, string])[] = [
  ["offline", "every connection is reset, new ones are refused", "refuse reset"],
  [
    "flaky-wifi",
    "a crowded wireless network: uneven delays, losses in bursts",
    "bandwidth=20Mbit/s latency=10±8,pareto,both loss,p=0.5%,r=25%,h=20%",
  ],
  [
    "satellite",
    "a geostationary satellite: 36,000 km up and down, twice",
    "bandwidth=25Mbit/s,down bandwidth=3Mbit/s,up latency=300±10,normal,both loss=0.1%",
  ],
  [
    "train",
    "a phone on a train: uneven delays, and stalls in bursts between cells",
    "bandwidth=4Mbit/s,down bandwidth=1Mbit/s,up latency=60±40,paretonormal,both loss,p=0.3%,r=8%,h=10%",
  ],
  [
    "flaky-api",
    "a service that is overloaded now and then: refusals, lost requests, answers that break off or come slowly",
    "http-status=503,probability=5% http-drop,probability=2% http-abort,probability=1% http-slow=20KB/s,probability=5%",
  ],
];

/** The presets. */
export const PROFILES: readonly Profile[] = [
  ...LINKS.map(([name, source, down, up, roundTrip, loss]) => {
    const line = `bandwidth=${down}bit/s,down bandwidth=${up}bit/s,up latency=${roundTrip / 2},both`;
    return { name, source, conditions: sure(loss === undefined ? line : `${line} loss=${loss}`) };
  }),
  ...OWN.map(([name, about, text]) => ({ name, source: `${COVE}: ${about}`, conditions: sure(text) })),
];

function sure(text: string): readonly Condition[] {
  const conditions = readConditions(text);
  if (isFault(conditions)) throw new Error(conditions.message);
  return conditions;
}

/** Conditions by name: own profiles come before the presets. Faults: CONDITION_INVALID, with the nearest name. */
export function findProfile(name: string, own: readonly Profile[] = []): Profile | Fault {
  const all = [...own, ...PROFILES];
  const found = all.find((profile) => profile.name === name);
  if (found !== undefined) return found;
  const names = all.map((profile) => profile.name);
  const near = nearest(name, names);
  const hint = near === null ? `profiles: ${names.join(", ")}` : `did you mean ${near}?`;
  return fault("CONDITION_INVALID", `there is no profile ${name}`, hint, { profile: name });
}
