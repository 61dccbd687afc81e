// A certificate of Cove's authority for a name that isn't the user's must be refused wherever the authority is trusted.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AuthorityParts, makeAuthority, makeLeaf } from "../src/certificates/issue.ts";
import { program } from "./support/programs.ts";

/** What the authority may sign for, and what it may not: another site's name, one that only ends alike, another address. */
const GOOD = ["web.shop.localhost", "localhost"];
const BAD = ["www.google.com", "notlocalhost", "localhost.example.com"];

let folder: string;
let authority: AuthorityParts;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cove-constraints-"));
  authority = await makeAuthority(["localhost"]);
  writeFileSync(path("root.pem"), authority.root);
  writeFileSync(path("intermediate.pem"), authority.intermediate);
  for (const name of [...GOOD, ...BAD]) {
    const { certificate } = await makeLeaf({ name, ...authority });
    writeFileSync(path(`${name}.pem`), certificate);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string) => join(folder, name);

function run(command: string, args: string[]): { ok: boolean; text: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  return { ok: status === 0, text: stdout + stderr };
}

/** Accepts what is right, so that a refusal is one of the name. */
function expectVerdicts(check: (name: string) => { ok: boolean; text: string }, why: RegExp): void {
  for (const name of GOOD) expect(check(name), name).toMatchObject({ ok: true });
  for (const name of BAD) {
    const { ok, text } = check(name);
    expect(ok, `${name}: ${text}`).toBe(false);
    expect(text, name).toMatch(why);
  }
}

describe("a certificate outside of the constraints is refused by", () => {
  test.skipIf(program("openssl") === null)("OpenSSL (needs openssl)", () => {
    const args = ["verify", "-CAfile", "root.pem", "-untrusted", "intermediate.pem", "-purpose", "sslserver"];
    expectVerdicts((name) => run("openssl", [...args, "-verify_hostname", name, `${name}.pem`]), /permitted subtree/);
  });

  test.skipIf(program("certutil") === null)("NSS, as in Firefox (needs certutil)", () => {
    run("mkdir", ["db"]);
    expect(run("certutil", ["-N", "-d", "sql:db", "--empty-password"]).ok).toBe(true);
    const add = (file: string, name: string, trust: string) =>
      run("certutil", ["-A", "-d", "sql:db", "-n", name, "-t", trust, "-i", file]);
    expect(add("root.pem", "root", "C,,").ok).toBe(true);
    expect(add("intermediate.pem", "intermediate", ",,").ok).toBe(true);
    for (const name of [...GOOD, ...BAD]) add(`${name}.pem`, name, ",,");
    expectVerdicts((name) => run("certutil", ["-V", "-d", "sql:db", "-n", name, "-u", "V"]), /not permitted to issue/);
  });

  test.skipIf(program("go") === null)("Go (needs go)", { timeout: 120_000 }, () => {
    writeFileSync(path("verify.go"), GO);
    const built = spawnSync("go", ["build", "-o", "verify", "verify.go"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, GOFLAGS: "-mod=mod", GO111MODULE: "off" },
    });
    expect(built.stderr).toBe("");
    expectVerdicts((name) => run("./verify", [name]), /not permitted by any constraint/);
  });

  test.skipIf(program("java") === null)("Java (needs java)", { timeout: 120_000 }, () => {
    writeFileSync(path("Verify.java"), JAVA);
    expectVerdicts((name) => run("java", ["Verify.java", name]), /name constraints/i);
  });
});

test.skipIf(program("openssl") === null)("the authority can sign no further authority (needs openssl)", () => {
  const { text } = run("openssl", ["x509", "-in", "intermediate.pem", "-noout", "-text"]);
  expect(text).toContain("CA:TRUE, pathlen:0");
  expect(text).toContain("TLS Web Server Authentication");
  expect(text).toMatch(
    /Name Constraints: critical\s+Permitted:\s+DNS:localhost\s+IP:127\.0\.0\.0\/255\.0\.0\.0\s+IP:0:/,
  );
});

const GO = `package main

import ("crypto/x509"; "encoding/pem"; "fmt"; "os")

func read(file string) *x509.Certificate {
	bytes, _ := os.ReadFile(file)
	block, _ := pem.Decode(bytes)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil { panic(err) }
	return certificate
}

func main() {
	roots, others := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(read("root.pem"))
	others.AddCert(read("intermediate.pem"))
	_, err := read(os.Args[1] + ".pem").Verify(x509.VerifyOptions{Roots: roots, Intermediates: others, DNSName: os.Args[1]})
	if err != nil { fmt.Println(err); os.Exit(1) }
}
`;

const JAVA = `import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.cert.*;
import javax.net.ssl.*;

class Verify {
  static X509Certificate read(String file) throws Exception {
    try (var in = new FileInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
  public static void main(String[] args) throws Exception {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null);
    store.setCertificateEntry("root", read("root.pem"));
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    var chain = new X509Certificate[] { read(args[0] + ".pem"), read("intermediate.pem") };
    try {
      ((X509TrustManager) factory.getTrustManagers()[0]).checkServerTrusted(chain, "ECDHE_ECDSA");
    } catch (CertificateException refused) {
      System.out.println(refused.getMessage());
      System.exit(1);
    }
  }
}
`;
