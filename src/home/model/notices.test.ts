import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createNotices } from "./notices.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function collect() {
  const lines: string[] = [];
  const notices = createNotices((stack, service, text) => lines.push(`${stack}/${service} ${text}`));
  return { lines, add: notices.add };
}

test("a notice that repeats is one line every 10 s, with how many were left out", () => {
  const { lines, add } = collect();
  for (let n = 0; n < 25_000; n += 10) {
    add("s", "web", "refused");
    vi.advanceTimersByTime(10);
  }
  expect(lines).toEqual(["s/web refused", "s/web refused (999 more in 10 s)", "s/web refused (1000 more in 10 s)"]);
  vi.advanceTimersByTime(10_000);
  expect(lines.at(-1)).toBe("s/web refused (500 more in 10 s)");
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(4);
  expect(vi.getTimerCount()).toBe(0);
});

test("services are counted apart", () => {
  const { lines, add } = collect();
  for (const service of ["web", "api", "web"]) add("s", service, "refused");
  expect(lines).toEqual(["s/web refused", "s/api refused"]);
});

test("a flood of different notices is bounded, too", () => {
  const { lines, add } = collect();
  for (let n = 0; n < 1_000; n++) add("s", "web", `refused /${n}`);
  expect(lines).toHaveLength(21);
  vi.advanceTimersByTime(10_000);
  expect(lines.at(-1)).toBe("s/web more notices of different kinds than are shown (979 more in 10 s)");
});
