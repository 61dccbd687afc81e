import { expect, test } from "vitest";
import type { TraceContext } from "../capture/claim.ts";
import { parseRecord } from "./records.ts";
import { serviceClaims } from "./service-claims.ts";

const PORTS = { local: 40_001, remote: 61_001 };
const CTX = { a: `${"a".repeat(32)}-${"1".repeat(16)}`, b: `${"b".repeat(32)}-${"2".repeat(16)}` };

function service() {
  const claims = serviceClaims();
  const say = (...lines: string[]) => {
    for (const line of lines) {
      const record = parseRecord(line);
      if (record === null) throw new Error(line);
      claims.take(record);
    }
  };
  say("h 1 node 24.0.0");
  return { ...claims, say };
}

/** `a`, `b`, `none`; `?`: not known (yet); `-`: it will not be. */
function told(claim: { readonly context: TraceContext | null | undefined; readonly settled: boolean } | null): string {
  if (claim === null) return "-";
  const { context, settled } = claim;
  if (context === undefined) return settled ? "-" : "?";
  return context === null ? "none" : (context.traceId[0] ?? "");
}

const now = () => performance.now();

test("what was reported before is known at once, what is reported later settles", () => {
  const api = service();
  api.say("o 40001 61001", `b 40001 61001 0 50 ${CTX.a}`);
  const connection = api.accepted(PORTS);
  expect(told(connection.at(0, now()))).toBe("a");
  expect(told(connection.at(49, now()))).toBe("a");
  const next = connection.at(50, now());
  const further = connection.at(90, now());
  expect([told(next), told(further)]).toEqual(["?", "?"]);
  let settled = 0;
  next?.onSettled(() => settled++);
  api.say(`b 40001 61001 50 40 ${CTX.b}`);
  expect([told(next), told(further), settled]).toEqual(["b", "?", 1]);
  api.say("b 40001 61001 90 10 -");
  expect(told(further)).toBe("none");
});

test("what no report covers is never known: later ones say nothing of it", () => {
  const api = service();
  const connection = api.accepted(PORTS);
  api.say("o 40001 61001");
  const lost = connection.at(10, now());
  api.say(`b 40001 61001 30 40 ${CTX.a}`);
  expect(told(lost)).toBe("-");
  expect(told(connection.at(20, now()))).toBe("-");
  expect(told(connection.at(30, now()))).toBe("a");
});

test("a port that is used again is another connection", () => {
  const api = service();
  api.say("o 40001 61001", `b 40001 61001 0 50 ${CTX.a}`);
  api.accepted(PORTS).closed();
  const second = api.accepted(PORTS);
  const first = second.at(0, now());
  // Still of the first one, whose reports come late.
  api.say(`b 40001 61001 0 50 ${CTX.a}`);
  expect(told(first)).toBe("?");
  api.say("x 40001 61001", "o 40001 61001", `b 40001 61001 0 50 ${CTX.b}`);
  expect(told(first)).toBe("b");
});

test("the next one's reports may come before the relay has seen the end of the last one", () => {
  const api = service();
  api.say("o 40001 61001");
  const before = api.accepted(PORTS);
  api.say("x 40001 61001", "o 40001 61001", `b 40001 61001 0 50 ${CTX.b}`);
  expect(told(before.at(0, now()))).toBe("?");
  before.closed();
  expect(told(api.accepted(PORTS).at(0, now()))).toBe("b");
});

test("a connection that nobody reports isn't waited for", () => {
  const silent = serviceClaims();
  expect(told(silent.accepted(PORTS).at(0, now()))).toBe("-");
  const api = service();
  expect(told(api.accepted({ local: 40_001, remote: 61_002 }).at(0, now()))).toBe("?");
  const over = api.accepted(PORTS);
  over.closed();
  expect(told(over.at(0, now()))).toBe("-");
});

test("times of a round trip are known once it is over", () => {
  const api = service();
  const connection = api.accepted(PORTS);
  api.say("o 40001 61001");
  const micros = () => Number(process.hrtime.bigint() / 1_000n);
  const from = micros();
  const claim = connection.at(0, now());
  api.say(`t 40001 61001 ${from} ${micros() + 1} ${CTX.a}`);
  expect(told(claim)).toBe("a");
  const missed = connection.at(50, now());
  api.say(`t 40001 61001 ${micros() + 1_000} ${micros() + 2_000} ${CTX.b}`);
  expect(told(missed)).toBe("-");
});

test("a COPY in many writes is one span", () => {
  const api = service();
  const connection = api.accepted(PORTS);
  api.say("o 40001 61001");
  for (let n = 0; n < 2_000; n++) api.say(`b 40001 61001 ${n * 10} 10 ${CTX.a}`);
  expect([told(connection.at(0, now())), told(connection.at(19_999, now()))]).toEqual(["a", "a"]);
});

test("processes and what is followed in them are told", () => {
  const api = service();
  api.say("l 1 pg", "l 1 ioredis", "l 9 pg", "h 2 python 3.11.4");
  expect(api.processes()).toEqual([
    { pid: 1, runtime: "node", version: "24.0.0", libraries: ["pg", "ioredis"] },
    { pid: 2, runtime: "python", version: "3.11.4", libraries: [] },
  ]);
});
