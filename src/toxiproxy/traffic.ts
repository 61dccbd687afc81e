import type { RelayStats } from "../door/relay/relay.ts";

/** Bytes of one direction of one proxy, as /metrics counts them. */
export interface Traffic {
  readonly direction: "upstream" | "downstream";
  readonly listener: string;
  readonly proxy: string;
  readonly upstream: string;
  /** Read from the source, and delivered. */
  readonly received: number;
  readonly sent: number;
}

/** What a relay carried, by direction. */
export function trafficOf(
  stats: RelayStats,
  labels: Pick<Traffic, "listener" | "proxy" | "upstream">,
): readonly Traffic[] {
  const { receivedUp, receivedDown, bytesUp, bytesDown } = stats;
  return [
    { direction: "upstream", ...labels, received: receivedUp, sent: bytesUp },
    { direction: "downstream", ...labels, received: receivedDown, sent: bytesDown },
  ];
}

/** What proxies carried that have ended or moved: a counter never goes back. */
export interface Ledger {
  readonly add: (traffic: readonly Traffic[]) => void;
  /** Those of the ledger with `live` added to them. */
  readonly sum: (live: readonly Traffic[]) => readonly Traffic[];
}

/** Series kept of what is gone; the oldest are forgotten. */
const MOST = 1_000;

export function createLedger(): Ledger {
  const past = new Map<string, Traffic>();
  return {
    add: (traffic) => {
      addTo(past, traffic);
      for (const key of past.keys()) {
        if (past.size <= MOST) break;
        past.delete(key);
      }
    },
    sum: (live) => {
      const all = new Map(past);
      addTo(all, live);
      return [...all.values()];
    },
  };
}

function addTo(all: Map<string, Traffic>, traffic: readonly Traffic[]): void {
  for (const one of traffic) {
    const key = [one.proxy, one.direction, one.listener, one.upstream].join("\0");
    const { received = 0, sent = 0 } = all.get(key) ?? {};
    all.set(key, { ...one, received: received + one.received, sent: sent + one.sent });
  }
}

/** Prometheus's text format 0.0.4. */
export function printMetrics(traffic: readonly Traffic[]): string {
  const counter = (name: string, help: string, value: (one: Traffic) => number) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} counter`,
    ...traffic.map((one) => `${name}{${labels(one)}} ${value(one)}`).sort(),
  ];
  return [
    ...counter("toxiproxy_proxy_received_bytes_total", "Bytes read from the source.", ({ received }) => received),
    ...counter("toxiproxy_proxy_sent_bytes_total", "Bytes delivered.", ({ sent }) => sent),
    "",
  ].join("\n");
}

function labels({ direction, listener, proxy, upstream }: Traffic): string {
  return Object.entries({ direction, listener, proxy, upstream })
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`)
    .join(",");
}
