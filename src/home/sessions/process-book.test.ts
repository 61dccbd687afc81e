import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sleep } from "../../async/sleep.ts";
import { orThrow } from "../../fault/fault.ts";
import { listProcesses } from "../../state/processes.ts";
import { openState } from "../../state/state.ts";
import { openProcessBook } from "./process-book.ts";

const one = (pid: number) => ({ pid, started: `boot ${pid}` });

function scratch() {
  const folder = mkdtempSync(join(tmpdir(), "cove-book-"));
  const state = orThrow(openState({ folder, lockTimeout: 20 }));
  onTestFinished(() => {
    state.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return state;
}

test("a service has one process on record, and none after its stack ended", async () => {
  const state = scratch();
  const book = openProcessBook(state);
  book.set("s", one(1), "web", one(10));
  book.set("s", one(1), "web", one(10));
  book.set("s", one(1), "api", one(11));
  book.set("s", one(1), "web", one(12));
  book.set("other", one(2), "web", one(13));
  await book.written();
  expect(listProcesses(state).map((record) => record.process.pid)).toEqual([11, 12, 13]);
  expect(openProcessBook(state).list("s")).toEqual(book.list("s"));
  book.set("s", one(1), "api", null);
  book.forget("s", one(1));
  await book.written();
  expect(listProcesses(state).map((record) => record.process.pid)).toEqual([13]);
  expect(book.list().map((record) => record.process.pid)).toEqual([13]);
});

test("while another process writes, records wait without holding anything up", async () => {
  const state = scratch();
  const book = openProcessBook(state);
  const other = orThrow(openState({ folder: state.folder }));
  other.db.exec("BEGIN IMMEDIATE");
  book.set("s", one(1), "web", one(10));
  book.set("s", one(1), "web", one(11));
  let turns = 0;
  const turning = setInterval(() => turns++, 5);
  await sleep(400);
  clearInterval(turning);
  expect(listProcesses(state)).toEqual([]);
  expect(turns).toBeGreaterThan(3);
  other.db.exec("COMMIT");
  other.close();
  await book.written();
  expect(listProcesses(state).map((record) => record.process.pid)).toEqual([11]);
});
