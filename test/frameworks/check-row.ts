import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext } from "playwright-core";
import { expect } from "vitest";
import { coveSandbox, type Sandbox, type Started } from "../support/cove.ts";
import { ask, eventually } from "../support/door-request.ts";
import { MARK, processesOf } from "./leftovers.ts";
import { project, versionOf, writeFiles } from "./project.ts";
import type { Measured } from "./results.ts";
import { LIMITS, type Row, typed } from "./row.ts";
import { recordVisit, type Visit, waitForText } from "./visit.ts";

/** A row under way. */
interface Course {
  readonly row: Row;
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly running: Started;
  /** Its name at the door. */
  readonly host: string;
  readonly origin: string;
  readonly limits: typeof LIMITS;
}

/**
 * The whole course of a row: install, start, page, edit, redirect, Ctrl-C. Throws at the first thing that isn't as it should
 * be; what it returns goes into the docs.
 */
export async function checkRow(
  row: Row,
  browser: BrowserContext,
  whenFailed: (run: () => void) => void,
): Promise<Measured> {
  const folder = await project(row);
  const version = await versionOf(row, folder);
  await using sandbox = await coveSandbox(whenFailed);
  // Home is up before, so it isn't of the row's family.
  await sandbox.cove(["open", "--print"]);
  const mark = `${row.name}-${sandbox.port}`;
  const running = await start(row, folder, sandbox, mark);
  const host = `${row.stack === true ? "web." : ""}${row.name}.localhost`;
  const origin = `http://${host}:${sandbox.port}`;
  const course: Course = { row, folder, sandbox, running, host, origin, limits: { ...LIMITS, ...row.limits } };

  await answers(course);
  const leased = await leasedPort(course);
  const visit = recordVisit(await browser.newPage(), origin);
  try {
    await seesPage(course, visit, leased);
    await isConnected(course, visit);
    if (row.edit !== undefined) await edits(course, row.edit, visit);
    const { webSocket } = row;
    if (webSocket !== undefined) await eventually(() => [...visit.spoken].find((path) => webSocket.test(path)));
    await followsRedirect(course, visit);
    await links(course, leased);
    expect(visit.past, "requests past the door").toEqual([]);
  } finally {
    await visit.page.close();
  }
  await leavesNothing(course, leased, mark);
  return {
    ...{ title: row.title, version, command: row.dev ?? typed(row).join(" "), stack: row.stack === true },
    reload: row.edit === undefined ? null : row.edit.byHand === true ? "by hand" : "by itself",
    webSocket: seenAt(visit.spoken, row.webSocket),
    eventStream: seenAt(visit.streams, row.eventStream),
    redirect: row.redirect !== undefined || row.links !== undefined,
    note: row.note ?? null,
  };
}

/** The path of a connection, alike from run to run. */
function seenAt(paths: ReadonlySet<string>, wanted: RegExp | undefined): string | null {
  const path = wanted === undefined ? undefined : [...paths].find((one) => wanted.test(one));
  return path?.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "…") ?? null;
}

function start(row: Row, folder: string, sandbox: Sandbox, mark: string): Promise<Started> {
  const env = { ...row.env, [MARK]: mark };
  if (row.stack !== true) return sandbox.start(["run", "--", ...typed(row)], { cwd: folder, env });
  const services = { web: { command: typed(row) } };
  writeFiles(folder, { "cove.json": JSON.stringify({ name: row.name, services }) });
  return sandbox.start(["up"], { cwd: folder, env });
}

async function answers({ row, host, sandbox, running, limits }: Course): Promise<void> {
  const ended = await eventually(async () => {
    if (running.child.exitCode !== null) return true;
    const { status, body } = await ask(sandbox.port, host, {
      path: row.page.path ?? "/",
      headers: { accept: "text/html" },
    });
    if (status !== 200) throw new Error(`answered ${status}: ${body.slice(0, 500)}`);
    return false;
  }, limits.start);
  if (ended) throw new Error(`it ended by itself:\n${running.output()}`);
}

async function leasedPort({ sandbox }: Course): Promise<number> {
  const { stdout } = await sandbox.cove(["status", "--json"]);
  const { stacks } = JSON.parse(stdout) as { stacks: { services: { address: { port: number } }[] }[] };
  const port = stacks[0]?.services[0]?.address.port ?? 0;
  expect(port).toBeGreaterThan(0);
  return port;
}

async function seesPage({ row, origin, limits }: Course, visit: Visit, leased: number): Promise<void> {
  const { path = "/", says } = row.page;
  const url = origin + path;
  const response = await visit.page.goto(url, { waitUntil: "domcontentloaded", timeout: limits.start });
  expect(response?.status(), url).toBe(200);
  const links = (await response?.text())?.match(/\b(?:href|src|action|content)=["'][^"']*["']/g) ?? [];
  expect(links.filter((link) => link.includes(`:${leased}`))).toEqual([]);
  await waitForText(visit, says, limits.reload);
}

/** An edit before the page's client is connected would go unheard. */
async function isConnected({ row, limits }: Course, visit: Visit): Promise<void> {
  const { webSocket, eventStream } = row;
  const open = () => ({
    webSocket: webSocket === undefined || [...visit.sockets].some((path) => webSocket.test(path)),
    eventStream: eventStream === undefined || [...visit.streams].some((path) => eventStream.test(path)),
  });
  const deadline = performance.now() + limits.reload;
  while (Object.values(open()).includes(false) && performance.now() < deadline && visit.past.length === 0) {
    await sleep(50);
  }
  expect(visit.past, "requests past the door").toEqual([]);
  const seen = `WebSockets: ${[...visit.sockets]}; event streams: ${[...visit.streams]}; ${visit.complaints.slice(-5)}`;
  expect(open(), seen).toEqual({ webSocket: true, eventStream: true });
}

/** A watcher may be late on a busy machine: the edit is made again every few seconds, as a person would, ms. */
const EDIT_AGAIN = 8_000;
/** A person's edit comes this much after the page, and after what was saved before, ms. */
const EDIT_TIME = 1_000;

async function edits(course: Course, edit: NonNullable<Row["edit"]>, visit: Visit): Promise<void> {
  const { folder, origin, row, limits } = course;
  const path = join(folder, edit.file);
  const before = readFileSync(path, "utf8");
  expect(before).toContain(edit.from);
  const deadline = performance.now() + limits.reload;
  // A page that is put together slowly is given more time after each reload.
  let patience = EDIT_TIME;
  for (let last: unknown; ; ) {
    if (performance.now() > deadline) throw last;
    await sleep(EDIT_TIME);
    writeFileSync(path, before.replace(edit.from, edit.to));
    const again = performance.now() + EDIT_AGAIN;
    while (performance.now() < again) {
      try {
        if (edit.byHand === true) await visit.page.goto(origin + (row.page.path ?? "/"), { timeout: limits.reload });
        await waitForText(visit, edit.says, edit.byHand === true ? patience : EDIT_AGAIN);
        return;
      } catch (error) {
        last = error;
        patience = Math.min(2 * patience, EDIT_AGAIN);
      }
    }
    writeFileSync(path, before);
  }
}

async function followsRedirect({ row, host, origin, sandbox }: Course, { page }: Visit): Promise<void> {
  if (row.redirect === undefined) return;
  const { from, to } = row.redirect;
  const { status, headers } = await ask(sandbox.port, host, { path: from });
  expect(status, `a redirect from ${from}`).toBeGreaterThanOrEqual(300);
  expect(status, `a redirect from ${from}`).toBeLessThan(400);
  expect(new URL(headers.location ?? "", origin + from).href).toBe(origin + to);
  await page.goto(origin + from, { waitUntil: "domcontentloaded" });
  expect(page.url()).toBe(origin + to);
}

async function links({ row, host, origin, sandbox }: Course, leased: number): Promise<void> {
  if (row.links === undefined) return;
  const { body } = await ask(sandbox.port, host, { path: row.links.path });
  expect(body).toContain(row.links.has.replaceAll("NAME", origin));
  expect(body).not.toContain(`:${leased}`);
}

/** A process that ends by itself this soon after all others isn't left, ms. */
const END_TIME = 3_000;

async function leavesNothing({ folder, running }: Course, leased: number, mark: string): Promise<void> {
  if (process.platform === "linux") expect(processesOf(mark, folder), "known by its mark").not.toEqual([]);
  await running.stop();
  // Next.js sends its statistics from a process that outlives it for a moment.
  await eventually(() => (processesOf(mark, folder).length === 0 ? true : undefined), END_TIME).catch(() => undefined);
  expect(processesOf(mark, folder), "processes that Ctrl-C left").toEqual([]);
  for (const at of ["127.0.0.1", "::1"]) expect(await isTaken(at, leased), `${at} port ${leased}`).toBe(false);
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
