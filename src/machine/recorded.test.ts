import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatAddress } from "../address/parse.ts";
import { parseLsof, parseNetstatBsd, parsePs } from "./darwin-output.ts";
import { parseCimProcesses, parseNetstatWindows } from "./windows-output.ts";

const recording = (name: string) => readFileSync(new URL(`recordings/${name}`, import.meta.url), "utf8");

test("macOS: lsof's fields give addresses, processes and users", () => {
  const found = parseLsof(recording("darwin-lsof.txt"));
  expect(found.map(({ address, pid, uid }) => [formatAddress(address), pid, uid])).toEqual([
    ["127.0.0.1:5432", 412, 501],
    ["[::1]:5432", 412, 501],
    ["0.0.0.0:3000", 731, 501],
    ["[fe80:1::1]:49213", 802, 501],
    ["0.0.0.0:22", 911, 0],
  ]);
});

test("macOS: netstat writes a dot before the port and a star for any address", () => {
  const rows = parseNetstatBsd(recording("darwin-netstat.txt"));
  expect(rows.filter(({ state }) => state === "LISTEN").map(({ address }) => formatAddress(address))).toEqual([
    "[::]:3000",
    "127.0.0.1:5432",
    "[::1]:5432",
    "[fe80::1%lo0]:8021",
    "0.0.0.0:22",
    "[::]:22",
  ]);
  // A cut-off IPv6 address still has its port.
  expect(rows.at(-1)?.address.port).toBe(52731);
});

test("macOS: ps gives the tree, the groups, zombies and start times", () => {
  const rows = parsePs(recording("darwin-ps.txt"));
  expect(rows).toHaveLength(5);
  expect(rows[3]).toEqual({ pid: 740, parent: 731, group: 731, zombie: false, started: "Mon Mar 3 09:15:04 2025" });
  expect(rows[4]?.zombie).toBe(true);
});

test("Windows: netstat's listeners are known by their foreign port, in any language", () => {
  const rows = parseNetstatWindows(recording("windows-netstat.txt"));
  const listening = rows.filter(({ state }) => state === "LISTENING");
  expect(listening.map(({ address, pid }) => [formatAddress(address), pid])).toEqual([
    ["0.0.0.0:135", 1104],
    ["127.0.0.1:3000", 9216],
    ["[::]:135", 1104],
    ["[::1]:5432", 6120],
    ["[fe80::4c1d:9a2f%12]:7680", 4420],
  ]);
  expect(rows.find(({ state }) => state === "TIME_WAIT")?.pid).toBeNull();
});

test("Windows: processes come as JSON, one alone without its array", () => {
  const all = recording("windows-cim.json");
  const [system, node] = parseCimProcesses(all);
  expect(system).toMatchObject({ pid: 4, command: "System" });
  expect(node).toEqual({
    ...{ pid: 9216, parent: 8800, started: "2025-03-03T08:15:03.5551230Z" },
    command: '"C:\\Program Files\\nodejs\\node.exe" server.js',
  });
  expect(parseCimProcesses(JSON.stringify((JSON.parse(all) as unknown[])[2]))).toEqual([node]);
  expect(parseCimProcesses("")).toEqual([]);
});
