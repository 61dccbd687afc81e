import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatAddress } from "../address/parse.ts";
import {
  asListeners,
  parseLsof,
  parseLsofPlaces,
  parseNetstatBsd,
  parsePs,
  parsePsDetails,
} from "./systems/darwin/darwin-output.ts";
import { containerIn } from "./systems/linux/linux.ts";
import {
  parseCimProcesses,
  parseDynamicPorts,
  parseNetstatUdp,
  parseNetstatWindows,
} from "./systems/windows/windows-output.ts";

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
    ...{ pid: 9216, parent: 8800, executable: null, started: "2025-03-03T08:15:03.5551230Z" },
    command: '"C:\\Program Files\\nodejs\\node.exe" server.js',
  });
  expect(parseCimProcesses(JSON.stringify((JSON.parse(all) as unknown[])[2]))).toEqual([node]);
  expect(parseCimProcesses("")).toEqual([]);
});

test("macOS: lsof writes both ends of a connection; sockets that processes share are one", () => {
  const found = parseLsof(
    "p731\nu501\nf20\nPTCP\nn127.0.0.1:5432->127.0.0.1:61007\np732\nu501\nf21\nPTCP\nn*:8080\np733\nu501\nf21\nPTCP\nn*:8080\n",
  );
  expect(found[0]).toMatchObject({ address: { port: 5432 }, remote: { host: "127.0.0.1", port: 61007 }, pid: 731 });
  expect(asListeners(found.slice(1))).toMatchObject([{ address: { host: "0.0.0.0", port: 8080 }, pids: [732, 733] }]);
});

test("macOS: ps and lsof give a process's details", () => {
  const line = "  731   501 ann              Mon Mar  3 09:15:04 2025     node server.js --port 3000\n";
  expect(parsePsDetails(line, 740)).toEqual({
    pid: 740,
    parent: 731,
    uid: 501,
    user: "ann",
    command: "node server.js --port 3000",
    arguments: null,
    name: null,
    startedAt: Date.UTC(2025, 2, 3, 9, 15, 4),
    container: null,
  });
  expect(parsePsDetails("", 1)).toBeNull();
  expect(
    parseLsofPlaces("p740\nfcwd\nn/Users/ann/shop\nftxt\nn/opt/homebrew/bin/node\nftxt\nn/usr/lib/dyld\n"),
  ).toEqual({
    cwd: "/Users/ann/shop",
    executable: "/opt/homebrew/bin/node",
  });
});

test("Windows: UDP rows have no state; the dynamic range is two numbers in any language", () => {
  const udp =
    "\r\n  Proto  Local Address          Foreign Address        State           PID\r\n  UDP    0.0.0.0:5353           *:*                                    4420\r\n  UDP    [::1]:1900             *:*                                    2044\r\n";
  expect(parseNetstatUdp(udp).map(({ address, pid }) => [formatAddress(address), pid])).toEqual([
    ["0.0.0.0:5353", 4420],
    ["[::1]:1900", 2044],
  ]);
  expect(
    parseDynamicPorts("\r\nProtokoll tcp\r\n-----\r\nStartport       : 49152\r\nAnzahl von Ports : 16384\r\n"),
  ).toEqual([49152, 65535]);
});

test("Linux: a container's id is found in its cgroup", () => {
  const id = "0123456789abcdef".repeat(4);
  expect(containerIn(`0::/system.slice/docker-${id}.scope\n`)).toBe(id);
  expect(containerIn(`12:pids:/kubepods/besteffort/pod1/${id}\n`)).toBe(id);
  expect(
    containerIn(`0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container\n`),
  ).toBe(id);
  expect(containerIn("0::/user.slice/user-1000.slice/session-2.scope\n")).toBeNull();
});
