import { expect, test } from "vitest";
import { eachSocket, TCP_LISTEN } from "./proc-net.ts";

const HEAD4 =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n";
const HEAD6 =
  "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

function read(table: string, hexHost: 8 | 32) {
  const rows: { host: string; port: number; state: number; uid: number; inode: number }[] = [];
  eachSocket(Buffer.from(table, "latin1"), hexHost, (row) => {
    rows.push({ host: row.host(), port: row.port, state: row.state, uid: row.uid, inode: row.inode });
  });
  return rows;
}

test("IPv4 rows as Linux prints them", () => {
  const table = `${HEAD4}   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   112        0 23456 1 0000000000000000 100 0 0 10 0                    
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 19283 1 0000000000000000 100 0 0 10 0                     
   2: 0500 3E7F:0016 broken row that must not stop the rest
   3: 0F02000A:D2F4 5DB8D822:01BB 01 00000000:00000000 02:000A7B3C 00000000  1000        0 4294967295 2 0000000000000000 20 4 30 10 -1               
`;
  expect(read(table, 8).filter(({ state }) => state === TCP_LISTEN || state === 1)).toEqual([
    { host: "127.0.0.1", port: 5432, state: TCP_LISTEN, uid: 112, inode: 23456 },
    { host: "0.0.0.0", port: 22, state: TCP_LISTEN, uid: 0, inode: 19283 },
    { host: "10.0.2.15", port: 54004, state: 1, uid: 1000, inode: 4294967295 },
  ]);
});

test("columns move from row 10,000 on, and with uids of more than five digits", () => {
  const table = `${HEAD4} 9999: 0100007F:EE48 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111111 1 0000000000000000 100 0 0 10 0
10000: 0100007F:EE49 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 222222 1 0000000000000000 100 0 0 10 0
100000: 0100007F:EE4A 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1234567890        0 333333 1 0000000000000000 100 0 0 10 0`;
  expect(read(table, 8)).toEqual([
    { host: "127.0.0.1", port: 61000, state: TCP_LISTEN, uid: 1000, inode: 111111 },
    { host: "127.0.0.1", port: 61001, state: TCP_LISTEN, uid: 1000, inode: 222222 },
    { host: "127.0.0.1", port: 61002, state: TCP_LISTEN, uid: 1234567890, inode: 333333 },
  ]);
});

test("IPv6 rows: four words, each in the machine's byte order", () => {
  const row = (host: string) =>
    `   0: ${host}:0CEA 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 7 1 0000000000000000 100 0 0 10 0\n`;
  const hosts = [
    "00000000000000000000000000000000",
    "00000000000000000000000001000000",
    "0000000000000000FFFF00000100007F",
    "B80D0120000000000000000001000000",
  ];
  expect(read(HEAD6 + hosts.map(row).join(""), 32).map(({ host, port }) => `${host} ${port}`)).toEqual([
    ":: 3306",
    "::1 3306",
    "::ffff:127.0.0.1 3306",
    "2001:db8::1 3306",
  ]);
});

test("an empty table has no rows", () => {
  expect([read("", 8), read(HEAD4, 8)]).toEqual([[], []]);
});
