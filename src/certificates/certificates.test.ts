import { fork } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { type Fault, isFault, orThrow } from "../fault/fault.ts";
import { type Authority, certificatesFolder, endOf, openAuthority, readAuthority, rootFile } from "./authority.ts";
import { createIssuer } from "./issuer.ts";
import { createLeaves, type ServerCertificate } from "./leaves.ts";
import { certificateSuffix, isCertificateName, isWithin } from "./names.ts";

const DAY = 24 * 3_600_000;
const issuer = createIssuer();
afterAll(() => issuer.close());

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "cove-certificates-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const open = async (folder: string, suffixes?: string[]) => orThrow(await openAuthority(folder, issuer, suffixes));
const leavesIn = (stateFolder: string, replaced: (why: string) => void = () => {}) =>
  createLeaves({ stateFolder, replaced, issuer, keep: (name) => name !== "typo.localhost" });
const leafOf = (made: ServerCertificate | Fault) => new X509Certificate(orThrow(made).chain);
const authorityFile = (folder: string) => join(certificatesFolder(folder), "authority.json");

test("an authority is made once: a root without a key, an intermediate with one, files for this user alone", async () => {
  const folder = scratch();
  expect(readAuthority(folder)).toBeNull();
  const { authority, replaced } = await open(folder);
  expect(replaced).toBeNull();
  expect(await open(folder)).toEqual({ authority, replaced: null });
  const root = new X509Certificate(authority.root);
  const intermediate = new X509Certificate(authority.intermediate);
  expect([root.ca, intermediate.ca]).toEqual([true, true]);
  expect(intermediate.verify(root.publicKey)).toBe(true);
  expect(root.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  const written = readFileSync(authorityFile(folder), "utf8");
  expect(written.match(/PRIVATE KEY-----\\n/g)).toHaveLength(2);
  expect(root.checkPrivateKey(readKey(authority))).toBe(false);
  expect(readFileSync(rootFile(folder), "utf8")).toBe(authority.root);
  for (const file of [authorityFile(folder), rootFile(folder)]) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(certificatesFolder(folder)).mode & 0o777).toBe(0o700);
});

const readKey = ({ key }: Authority) => createPrivateKey(key);

test("processes that open it at once get the same one", { timeout: 60_000 }, async () => {
  const folder = scratch();
  const program = fileURLToPath(new URL("opener.fixture.ts", import.meta.url));
  const openers = Array.from({ length: 4 }, () => fork(program, [folder]));
  await Promise.all(openers.map((opener) => once(opener, "message")));
  const roots = await Promise.all(
    openers.map(async (opener) => {
      opener.send("go");
      const [root] = (await once(opener, "message")) as [string];
      return root;
    }),
  );
  expect(new Set(roots).size).toBe(1);
  expect(roots[0]).toBe((readAuthority(folder) as Authority).root);
});

test("a leaf is for one name, 190 days at most, and comes from the disk the next time", async () => {
  const folder = scratch();
  const leaves = leavesIn(folder);
  const made = orThrow(await leaves.leaf("web.shop.localhost"));
  expect(await leaves.leaf("web.shop.localhost")).toBe(made);
  const leaf = leafOf(made);
  expect(leaf.subjectAltName).toBe("DNS:web.shop.localhost");
  const life = Date.parse(leaf.validTo) - Date.parse(leaf.validFrom);
  expect(life).toBeLessThanOrEqual(190 * DAY);
  expect(made.renewAt).toBeLessThan(Date.parse(leaf.validTo) - 60 * DAY);
  expect(leafOf(await leaves.leaf(null)).subjectAltName).toBe(
    "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
  );
  expect(orThrow(await leavesIn(folder).leaf("web.shop.localhost"))).toEqual(made);
  // Not kept: the next home makes another one.
  const passing = orThrow(await leaves.leaf("typo.localhost"));
  expect(orThrow(await leavesIn(folder).leaf("typo.localhost")).key).not.toBe(passing.key);
  for (const name of readdirSync(join(certificatesFolder(folder), "leaves"))) {
    expect(statSync(join(certificatesFolder(folder), "leaves", name)).mode & 0o777).toBe(0o600);
  }
});

test("the same name asked for many times at once is made once", async () => {
  const leaves = leavesIn(scratch());
  const made = await Promise.all(Array.from({ length: 20 }, () => leaves.leaf("api.shop.localhost")));
  expect(new Set(made).size).toBe(1);
});

test("no certificate is made for names outside, addresses and wildcards", async () => {
  const leaves = leavesIn(scratch());
  for (const name of ["www.google.com", "localhost.evil.example", "*.localhost", "10.0.0.1", "a..localhost", ""]) {
    expect(await leaves.leaf(name === "" ? " " : name), name).toMatchObject({ fault: "NAME_UNKNOWN" });
  }
});

test.each([
  ["no JSON", (text: string) => text.slice(0, 500)],
  ["another key", (text: string) => JSON.stringify({ ...JSON.parse(text), key: otherKey() })],
  ["a root that signed nothing", (text: string) => JSON.stringify({ ...JSON.parse(text), root: "no certificate" })],
  ["a part missing", (text: string) => JSON.stringify({ ...JSON.parse(text), intermediate: undefined })],
])("a damaged authority is named and made anew: %s", async (_, damage) => {
  const folder = scratch();
  const { authority } = await open(folder);
  writeFileSync(authorityFile(folder), damage(readFileSync(authorityFile(folder), "utf8")));
  expect(readAuthority(folder)).toMatchObject({ fault: "CERTIFICATES_BROKEN" });
  const said: string[] = [];
  const leaf = leafOf(await leavesIn(folder, (why) => said.push(why)).leaf("web.localhost"));
  expect(said).toEqual([expect.stringContaining("Cove's certificate authority is damaged: ")]);
  const next = readAuthority(folder) as Authority;
  expect(next.root).not.toBe(authority.root);
  expect(leaf.verify(new X509Certificate(next.intermediate).publicKey)).toBe(true);
});

function otherKey(): string {
  return String(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }));
}

test("what can be mended is: the root's copy, modes, damaged leaves", async () => {
  const folder = scratch();
  const { authority } = await open(folder);
  rmSync(rootFile(folder));
  chmodSync(authorityFile(folder), 0o644);
  expect(readAuthority(folder)).toEqual(authority);
  expect(readFileSync(rootFile(folder), "utf8")).toBe(authority.root);
  expect(statSync(authorityFile(folder)).mode & 0o777).toBe(0o600);
  const first = orThrow(await leavesIn(folder).leaf("web.localhost"));
  const [file = ""] = readdirSync(join(certificatesFolder(folder), "leaves"));
  writeFileSync(join(certificatesFolder(folder), "leaves", file), "damage");
  const second = orThrow(await leavesIn(folder).leaf("web.localhost"));
  expect(second.key).not.toBe(first.key);
  expect(orThrow(await leavesIn(folder).leaf("web.localhost"))).toEqual(second);
});

test("another suffix is another root, which remembers the first, and running homes notice", async () => {
  const folder = scratch();
  const leaves = leavesIn(folder);
  expect(await leaves.leaf("app.dev.example.com")).toMatchObject({ fault: "NAME_UNKNOWN" });
  const first = readAuthority(folder) as Authority;
  const { authority, replaced } = await open(folder, ["dev.example.com"]);
  expect(replaced).toBe("Cove's certificate authority was not made for dev.example.com");
  expect(authority.suffixes).toEqual(["dev.example.com", "localhost"]);
  expect(authority.formers).toEqual([first.root]);
  await expect.poll(async () => isFault(await leaves.leaf("app.dev.example.com")), { timeout: 5_000 }).toBe(false);
  expect(endOf(authority).getTime()).toBeGreaterThan(Date.now() + 3_000 * DAY);
});

test("names and suffixes", () => {
  expect(isWithin("web.shop.localhost", ["localhost"])).toBe(true);
  expect(isWithin("localhost", ["localhost"])).toBe(true);
  expect(isWithin("notlocalhost", ["localhost"])).toBe(false);
  expect(isCertificateName("a_b.shop-1.localhost")).toBe(true);
  for (const name of ["-a.localhost", "a b", "1.2.3.4", `${"a".repeat(64)}.localhost`, "é.localhost"]) {
    expect(isCertificateName(name), name).toBe(false);
  }
  expect(certificateSuffix(".Dev.Example.com.")).toBe("dev.example.com");
  expect(certificateSuffix("*.test")).toBe("test");
  for (const text of ["com", "de", "", "*", "a b"])
    expect(certificateSuffix(text), text).toMatchObject({ fault: "USAGE" });
});
