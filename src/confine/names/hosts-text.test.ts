import { expect, test } from "vitest";
import { filesFirst, hostsText } from "./hosts-text.ts";

test("a service's names come first, the system's lines after them, without the names that are ours", () => {
  const system = "127.0.0.1 localhost # db\n10.0.0.9\tdb\n10.0.0.8 Cache old.cache # both\n# db\n\n::1 ip6-localhost\n";
  const ours = [
    { address: "127.62.0.3", names: ["db"] },
    { address: "127.62.0.4", names: ["cache", "redis"] },
  ];
  expect(hostsText(ours, system)).toBe(
    "127.62.0.3 db\n127.62.0.4 cache redis\n\n127.0.0.1 localhost # db\n10.0.0.8 old.cache\n# db\n\n::1 ip6-localhost\n",
  );
  expect(hostsText([], "")).toBe("\n");
});

test.each([
  ["files dns", null],
  ["files", null],
  ["files mdns4_minimal [NOTFOUND=return] dns", null],
  [
    "mymachines resolve [!UNAVAIL=return] files myhostname dns",
    "files mymachines resolve [!UNAVAIL=return] myhostname dns",
  ],
  ["files [NOTFOUND=return] dns", "files dns"],
  ["dns files [SUCCESS=return] [NOTFOUND=return]", "files dns"],
  ["resolve", "files resolve"],
])("hosts: %s", (services, wanted) => {
  const text = (line: string) => `passwd: files systemd\nhosts:\t  ${line}\nnetworks: files\n`;
  const plain = (given: string | null) => given?.replace(/hosts:\s*/, "hosts:\t  ");
  expect(plain(filesFirst(text(services)))).toBe(wanted === null ? undefined : text(wanted));
});

test("a switch without a line for hosts gets one", () => {
  expect(filesFirst("passwd: files")).toBe("passwd: files\nhosts: files dns\n");
});
