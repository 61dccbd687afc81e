import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { orThrow } from "../../../fault/fault.ts";
import { getSetting } from "../../../state/settings.ts";
import { openState } from "../../../state/state.ts";
import { ensureToken, readToken } from "../../client/token.ts";
import { createAuth } from "./auth.ts";

function scratchState() {
  const folder = mkdtempSync(join(tmpdir(), "cove-auth-"));
  const state = orThrow(openState({ folder }));
  onTestFinished(() => {
    vi.useRealTimers();
    state.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return state;
}

test("the token is made once and only its exact text is let in", () => {
  const state = scratchState();
  expect(readToken(state.folder)).toBeNull();
  const token = ensureToken(state.folder);
  expect(ensureToken(state.folder)).toBe(token);
  const auth = createAuth(state, token);
  expect(auth.bearer(`Bearer ${token}`)).toBe(true);
  for (const header of [undefined, "", token, `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`]) {
    expect(auth.bearer(header)).toBe(false);
  }
});

test("a link works once, and its cookie outlives home", () => {
  const state = scratchState();
  const auth = createAuth(state, "t".repeat(43));
  const secret = auth.link();
  const cookie = auth.redeem(secret);
  expect(cookie).not.toBeNull();
  expect(auth.redeem(secret)).toBeNull();
  expect(auth.redeem("made-up")).toBeNull();
  expect(auth.cookie(cookie ?? "")).toBe(true);
  expect(auth.cookie("made-up")).toBe(false);
  expect(createAuth(state, "t".repeat(43)).cookie(cookie ?? "")).toBe(true);
  expect(JSON.stringify(getSetting(state, "dashboard.sessions"))).not.toContain(cookie);
  expect(readFileSync(join(state.folder, "cove.sqlite"), "latin1")).not.toContain(cookie);
});

test("a link is dead after a minute, a cookie after a month", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const auth = createAuth(scratchState(), "t".repeat(43));
  const late = auth.link();
  vi.advanceTimersByTime(60_001);
  expect(auth.redeem(late)).toBeNull();
  const cookie = auth.redeem(auth.link()) ?? "";
  expect(auth.cookie(cookie)).toBe(true);
  vi.advanceTimersByTime(31 * 24 * 3_600_000);
  expect(auth.cookie(cookie)).toBe(false);
});

test("damaged session settings log out, and break nothing", () => {
  const state = scratchState();
  state.db.exec(`INSERT INTO settings VALUES ('dashboard.sessions', '{"a":1}')`);
  expect(createAuth(state, "t".repeat(43)).cookie("x")).toBe(false);
});
