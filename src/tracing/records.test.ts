import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRecord, recordReader, type TraceRecord, WRITE_MOST } from "./records.ts";

const CTX = `${"1".repeat(32)}-${"2".repeat(16)}`;
const context = { traceId: "1".repeat(32), spanId: "2".repeat(16) };
const ports = { local: 40_001, remote: 61_001 };

const RECORDS: readonly [string, TraceRecord][] = [
  ["h 4711 node 24.1.0", { kind: "hello", pid: 4711, runtime: "node", version: "24.1.0" }],
  ["l 4711 pg", { kind: "library", pid: 4711, library: "pg" }],
  ["o 40001 61001", { kind: "opened", ...ports }],
  [`b 40001 61001 90 21 ${CTX}`, { kind: "bytes", ...ports, span: { from: 90, to: 111, context } }],
  ["b 40001 61001 0 8 -", { kind: "bytes", ...ports, span: { from: 0, to: 8, context: null } }],
  [`t 40001 61001 1000 2000 ${CTX}`, { kind: "time", ...ports, span: { from: 1000, to: 2000, context } }],
  ["x 40001 61001", { kind: "closed", ...ports }],
];

test.each(RECORDS)("%s", (line, record) => {
  expect(parseRecord(line)).toEqual(record);
});

test.each([
  ...["", " ", "z 1 2", "o 1", "o 1 2 3", "o 70000 1", "o -1 2", "h x node 24", "l 1 a b", "h 1 node 24 more"],
  ...["b 1 2 3 4", "b 1 2 3 4 5", `b 1 2 3 9007199254740991 ${CTX}`, `t 1 2 9 8 ${CTX}`, `b 1 2 3 4 ${CTX}0`],
  `b 1 2 3 4 ${"1".repeat(32)}`,
])("%j is no record", (line) => {
  expect(parseRecord(line)).toBeNull();
});

function read(pieces: readonly Buffer[]): TraceRecord[] {
  const records: TraceRecord[] = [];
  const take = recordReader((record) => records.push(record));
  for (const piece of pieces) take(piece);
  return records;
}

test("records come in any pieces, between lines that make no sense", () => {
  const text = Buffer.from(RECORDS.map(([line]) => `${line}\nwhat\n`).join(""));
  const all = RECORDS.map(([, record]) => record);
  expect(read([text])).toEqual(all);
  expect(read([...text].map((byte) => Buffer.from([byte])))).toEqual(all);
});

test("a line without an end takes no memory", () => {
  const endless = Array.from({ length: 1_000 }, () => Buffer.alloc(WRITE_MOST, "b"));
  expect(read([...endless, Buffer.from("\no 40001 61001\n")])).toEqual([{ kind: "opened", ...ports }]);
});

test("random bytes never throw", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), (pieces) => {
      read(pieces.map((piece) => Buffer.from(piece)));
    }),
  );
});
