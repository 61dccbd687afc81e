import { expect, test } from "vitest";
import type { LogLine } from "../../../src/stack/session/messages.ts";
import { createLogBuffer } from "./buffer.ts";

const lines = (from: number, to: number): LogLine[] =>
  Array.from({ length: to - from }, (_, at) => ({ service: "api", stream: "stdout", time: 0, text: `${from + at}` }));
const texts = (buffer: ReturnType<typeof createLogBuffer>) =>
  buffer.chunks().flatMap(({ rows }) => rows.map(({ line }) => line.text));

test("new lines change the last chunk only", () => {
  const buffer = createLogBuffer(1_000);
  buffer.append(lines(0, 255));
  const before = buffer.chunks();
  buffer.append(lines(255, 260));
  const after = buffer.chunks();
  expect(after.map(({ rows }) => rows.length)).toEqual([50, 50, 50, 50, 50, 10]);
  expect(after.slice(0, 5).every((chunk, index) => chunk === before[index])).toBe(true);
  expect(after[5]?.key).toBe(before[5]?.key);
  expect(texts(buffer)).toEqual(lines(0, 260).map(({ text }) => text));
});

test("the oldest lines go, a chunk at a time, and ids stay with their lines", () => {
  const buffer = createLogBuffer(300);
  for (let at = 0; at < 1_000; at += 50) buffer.append(lines(at, at + 50));
  const kept = texts(buffer);
  expect(kept.length).toBeGreaterThanOrEqual(300);
  expect(kept.length).toBeLessThan(350);
  expect(kept.at(-1)).toBe("999");
  expect(buffer.chunks().every(({ rows }) => rows.every(({ id, line }) => String(id) === line.text))).toBe(true);
});

test("a burst beyond the limit keeps its end", () => {
  const buffer = createLogBuffer(300);
  buffer.append(lines(0, 5_000));
  expect(texts(buffer).at(-1)).toBe("4999");
  expect(texts(buffer).length).toBeLessThan(400);
});
