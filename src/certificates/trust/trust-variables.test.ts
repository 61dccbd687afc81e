import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeAuthority } from "../issue.ts";
import { readTrustRecord, shownScheme, writeTrustRecord } from "./trust-record.ts";
import { trustVariables } from "./trust-variables.ts";

function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cove-bundles-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function withRoot(): Promise<{ folder: string; root: string; system: string }> {
  const folder = stateFolder();
  const { root } = await makeAuthority(["localhost"]);
  mkdirSync(join(folder, "certificates"));
  writeFileSync(join(folder, "certificates/root.pem"), root);
  const system = join(folder, "system.pem");
  writeFileSync(system, "-----BEGIN CERTIFICATE-----\nc3lzdGVt\n-----END CERTIFICATE-----\n");
  return { folder, root, system };
}

const read = (path: string | undefined) => readFileSync(path ?? "", "utf8");

test("nothing without an authority", () => {
  expect(trustVariables(stateFolder(), {})).toEqual({});
});

test("the system's roots and the authority, or the user's bundle and the authority", async () => {
  const { folder, root, system } = await withRoot();
  const plain = trustVariables(folder, {}, [join(folder, "none"), system]);
  expect(read(plain.NODE_EXTRA_CA_CERTS)).toBe(root);
  for (const name of ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "DENO_CERT"]) {
    expect(read(plain[name]), name).toBe(read(system) + root);
  }
  const own = join(folder, "own.pem");
  writeFileSync(own, "# mine\n");
  const joined = trustVariables(folder, { NODE_EXTRA_CA_CERTS: own, CURL_CA_BUNDLE: own }, [system]);
  expect(read(joined.NODE_EXTRA_CA_CERTS)).toBe(`# mine\n${root}`);
  expect(read(joined.CURL_CA_BUNDLE)).toBe(`# mine\n${root}`);
  expect(read(joined.SSL_CERT_FILE)).toBe(read(system) + root);
  // It changed meanwhile.
  writeFileSync(own, "# more\n");
  expect(read(trustVariables(folder, { CURL_CA_BUNDLE: own }, [system]).CURL_CA_BUNDLE)).toBe(`# more\n${root}`);
});

test("a bundle that has the authority, or that can't be read, stays as it is", async () => {
  const { folder, root, system } = await withRoot();
  writeFileSync(system, `# all\n${root}`);
  const values = trustVariables(folder, { CURL_CA_BUNDLE: "/none.pem" }, [system]);
  expect([values.SSL_CERT_FILE, values.CURL_CA_BUNDLE]).toEqual([system, "/none.pem"]);
  expect(Object.keys(trustVariables(folder, {}, []))).toEqual(["NODE_EXTRA_CA_CERTS"]);
});

test("https is shown for names of the authority in use, once a browser was seen to take it", async () => {
  const { folder, root } = await withRoot();
  expect(shownScheme(folder)("web.localhost")).toBe("http");
  const record = { root, suffixes: ["localhost"], works: true, made: [] };
  writeTrustRecord(folder, record);
  expect(readTrustRecord(folder)).toEqual(record);
  expect(shownScheme(folder)("web.localhost")).toBe("https");
  expect(shownScheme(folder)("app.example.com")).toBe("http");
  writeTrustRecord(folder, { ...record, works: false });
  expect(shownScheme(folder)("web.localhost")).toBe("http");
  writeTrustRecord(folder, { ...record, root: "another" });
  expect(shownScheme(folder)("web.localhost")).toBe("http");
  writeFileSync(join(folder, "certificates/trust.json"), "damage");
  expect(shownScheme(folder)("web.localhost")).toBe("http");
});
