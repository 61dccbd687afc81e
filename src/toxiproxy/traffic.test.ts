import { expect, test } from "vitest";
import { createLedger, printMetrics, type Traffic } from "./traffic.ts";

const traffic = (proxy: string, received: number, sent: number): Traffic => {
  return { direction: "upstream", listener: "127.0.0.1:1", proxy, upstream: "db:2", received, sent };
};

test("counters go on where a proxy was started anew, and stay when it's gone", () => {
  const ledger = createLedger();
  ledger.add([traffic("a", 5, 4)]);
  ledger.add([traffic("b", 1, 1)]);
  expect(ledger.sum([traffic("a", 2, 2)])).toEqual([traffic("a", 7, 6), traffic("b", 1, 1)]);
  expect(ledger.sum([])).toEqual([traffic("a", 5, 4), traffic("b", 1, 1)]);
});

test("what is gone is forgotten at last", () => {
  const ledger = createLedger();
  for (let n = 0; n < 1_500; n++) ledger.add([traffic(`p${n}`, 1, 1)]);
  const names = ledger.sum([]).map(({ proxy }) => proxy);
  expect([names.length, names[0], names.at(-1)]).toEqual([1_000, "p500", "p1499"]);
});

test("names are escaped as Prometheus reads them", () => {
  expect(printMetrics([traffic('a"b\\c\nd', 3, 2)]).split("\n")).toEqual([
    "# HELP toxiproxy_proxy_received_bytes_total Bytes read from the source.",
    "# TYPE toxiproxy_proxy_received_bytes_total counter",
    'toxiproxy_proxy_received_bytes_total{direction="upstream",listener="127.0.0.1:1",proxy="a\\"b\\\\c\\nd",upstream="db:2"} 3',
    "# HELP toxiproxy_proxy_sent_bytes_total Bytes delivered.",
    "# TYPE toxiproxy_proxy_sent_bytes_total counter",
    'toxiproxy_proxy_sent_bytes_total{direction="upstream",listener="127.0.0.1:1",proxy="a\\"b\\\\c\\nd",upstream="db:2"} 2',
    "",
  ]);
});
