import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Fault } from "../fault/fault.ts";
import { makeAuthority, makeLeaf } from "./issue.ts";
import { createOwnCertificates } from "./own-certificates.ts";

test("the one for the name is used; what can't be used is told once, and read again when it changes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cove-own-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const authority = await makeAuthority(["test"]);
  const leaf = async (name: string) => await makeLeaf({ name, ...authority });
  const files = (name: string) => ({ cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) });
  const write = async (name: string) => {
    const { certificate, key } = await leaf(name);
    writeFileSync(files(name).cert, certificate + authority.intermediate);
    writeFileSync(files(name).key, key);
  };
  await write("a.test");
  await write("b.test");
  writeFileSync(files("b.test").key, (await leaf("b.test")).key);
  const told: Fault[] = [];
  const own = createOwnCertificates((_, why) => told.push(why));
  const all = [files("none.test"), files("b.test"), files("a.test")];
  expect(own.find("a.test", all)?.chain).toContain(authority.intermediate);
  expect(own.find("c.test", all)).toBeNull();
  expect(own.find("b.test", all)).toBeNull();
  expect(told.map(({ fault, message }) => [fault, message.replaceAll(folder, "")])).toEqual([
    ["CERTIFICATE_FAILED", expect.stringContaining("/none.test.pem and /none.test.key can't be read")],
    ["CERTIFICATE_FAILED", "/b.test.key is not the key of /b.test.pem"],
  ]);
  await write("b.test");
  await expect.poll(() => own.find("b.test", all), { timeout: 10_000 }).not.toBeNull();
  expect(own.find("b.test", all)).toBe(own.find("b.test", all));
});
