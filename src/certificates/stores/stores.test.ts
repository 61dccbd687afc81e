import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeAuthority } from "../issue.ts";
import { anchorStore } from "./anchors.ts";
import { findJava } from "./java.ts";
import { findMacos } from "./macos.ts";
import { findNss, isEmptyDatabase } from "./nss.ts";
import { findProgram, hasCertificate, type Surroundings, type TrustedRoot, trustedRoot } from "./store.ts";
import { findStores } from "./stores.ts";

let pem: string;
beforeAll(async () => {
  pem = (await makeAuthority(["localhost"])).root;
});

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "cove-stores-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A home folder, and a folder of programs that are on PATH before the system's. */
function machineOf(platform: NodeJS.Platform = "linux"): { where: Surroundings; bin: string; root: TrustedRoot } {
  const home = scratch();
  const bin = join(home, "bin");
  mkdirSync(bin);
  const file = join(home, "root.pem");
  writeFileSync(file, pem);
  return { where: { platform, home, env: { PATH: `${bin}:${process.env.PATH}` } }, bin, root: trustedRoot(pem, file) };
}

function standIn(bin: string, name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

function run(steps: readonly { command: readonly [string, ...string[]] }[], { env }: Surroundings): void {
  for (const { command } of steps) {
    const [program, ...args] = command;
    const done = spawnSync(program, args, { env, encoding: "utf8" });
    expect(done.status, `${command.join(" ")}: ${done.stderr}`).toBe(0);
  }
}

test("a root is named by its subject", () => {
  const { root } = machineOf();
  expect(root.name).toMatch(/^Cove local authority [0-9a-f]{8}$/);
  expect(root.id).toBe(root.name.toLowerCase().replaceAll(" ", "-"));
  expect([root.sha256.length, root.sha1.length]).toEqual([95, 40]);
  expect(hasCertificate(`# text\n${pem.replaceAll("\n", "\r\n")}`, pem)).toBe(true);
  expect(hasCertificate("", pem)).toBe(false);
});

describe.skipIf(process.platform === "win32")("a system's store of anchors", () => {
  test("is the folder and what is made of it; one alone is half of it", () => {
    const { where, bin, root } = machineOf();
    const folder = join(where.home, "anchors");
    const bundle = join(where.home, "bundle.pem");
    mkdirSync(folder);
    standIn(bin, "make-bundle", `cat '${folder}'/*.pem >'${bundle}' 2>/dev/null || : >'${bundle}'`);
    const family = { family: "Any", folders: [join(where.home, "none"), folder], ending: ".pem" as const, bundle };
    const [store] = anchorStore({ ...family, update: ["make-bundle"], refresh: ["make-bundle", "--all"] }, where);
    if (store === undefined) throw new Error("no store");
    expect([store.present(root), store.traces?.(root)]).toEqual([false, false]);
    const [copy, update] = store.install(root);
    run([copy as never], where);
    expect([store.present(root), store.traces?.(root)]).toEqual([false, true]);
    run([update as never], where);
    expect(store.present(root)).toBe(true);
    expect(store.install(root).every(({ privileged }) => privileged)).toBe(true);
    run(store.remove(root), where);
    expect([store.present(root), store.traces?.(root)]).toEqual([false, false]);
  });

  test("is none without its folder or its program", () => {
    const { where } = machineOf();
    const family = { family: "Any", folders: [where.home], ending: ".crt" as const, bundle: "/none" };
    expect(anchorStore({ ...family, update: ["no-such-program"], refresh: ["no-such-program"] }, where)).toEqual([]);
    expect(anchorStore({ ...family, folders: ["/none"], update: ["sh"], refresh: ["sh"] }, where)).toEqual([]);
  });
});

const certutil = findProgram("certutil", { env: process.env });

describe.skipIf(certutil === null)("NSS (needs certutil)", () => {
  test("Chromium's database is made where there is none, else those that are there are used; Firefox's profiles", () => {
    const { where, bin, root } = machineOf();
    standIn(bin, "chromium", "exit 0");
    const [first] = findNss(where);
    expect(first?.title).toBe("Chromium's store in ~/.pki/nssdb");
    if (first === undefined) return;
    expect(first.present(root)).toBe(false);
    run(first.install(root), where);
    expect(first.present(root)).toBe(true);
    expect(isEmptyDatabase(join(where.home, ".pki/nssdb"), where)).toBe(false);
    run(first.remove(root), where);
    expect(first.present(root)).toBe(false);
    expect(isEmptyDatabase(join(where.home, ".pki/nssdb"), where)).toBe(true);

    for (const path of [".local/share/pki/nssdb", ".mozilla/firefox/abc.default", "elsewhere"]) {
      mkdirSync(join(where.home, path), { recursive: true });
      run([{ command: ["certutil", "-N", "-d", `sql:${join(where.home, path)}`, "--empty-password"] }], where);
    }
    const profiles = `[Profile0]\nIsRelative=1\nPath=abc.default\n[Profile1]\nIsRelative=0\nPath=${join(where.home, "elsewhere")}\n[Profile2]\nPath=gone\n`;
    writeFileSync(join(where.home, ".mozilla/firefox/profiles.ini"), profiles);
    const all = findNss(where);
    expect(all.map(({ title }) => title)).toEqual([
      "Chromium's store in ~/.pki/nssdb",
      "Chromium's store in ~/.local/share/pki/nssdb",
      "Firefox's store in ~/.mozilla/firefox/abc.default",
      "Firefox's store in ~/elsewhere",
    ]);
    for (const store of all) {
      run(store.install(root), where);
      expect(store.present(root), store.title).toBe(true);
    }
  });

  test("a damaged database is not taken for one that trusts", () => {
    const { where, root } = machineOf();
    mkdirSync(join(where.home, ".pki/nssdb"), { recursive: true });
    writeFileSync(join(where.home, ".pki/nssdb/cert9.db"), "damage");
    expect(findNss(where).map((store) => store.present(root))).toEqual([false]);
  });
});

test("Firefox without certutil says what is missing", () => {
  const { where } = machineOf();
  mkdirSync(join(where.home, ".pki/nssdb"), { recursive: true });
  writeFileSync(join(where.home, ".pki/nssdb/cert9.db"), "");
  const [store] = findNss({ ...where, env: { PATH: join(where.home, "bin") } });
  if (certutil === null) expect(store?.lacks()).toContain("libnss3-tools");
  else expect(store?.lacks()).toBeNull();
});

test("Java's store is that of JAVA_HOME; a list that has the root's fingerprint under any alias counts", () => {
  const { where, root } = machineOf();
  const home = join(where.home, "jdk");
  mkdirSync(join(home, "bin"), { recursive: true });
  mkdirSync(join(home, "lib/security"), { recursive: true });
  writeFileSync(join(home, "lib/security/cacerts"), "");
  standIn(
    join(home, "bin"),
    "keytool",
    `printf 'other, Nov 1, 2026, trustedCertEntry, \nprint (SHA-256): AA:BB\ndebian:x.pem, Nov 2, 2026, trustedCertEntry, \nprint (SHA-256): ${root.sha256}\n'`,
  );
  const [store] = findJava({ ...where, env: { ...where.env, JAVA_HOME: home } });
  expect(store?.present(root)).toBe(true);
  expect(store?.install(root)[0]?.command.slice(1, 5)).toEqual(["-importcert", "-noprompt", "-alias", root.id]);
  expect(store?.remove(root)[0]?.command.slice(1, 4)).toEqual(["-delete", "-alias", "debian:x.pem"]);
  expect(findJava({ ...where, env: { JAVA_HOME: join(where.home, "none") } })).toEqual([]);
});

test("each system has its own", () => {
  const { where, root } = machineOf("darwin");
  const [keychain, ...others] = findMacos(where);
  expect(others).toEqual([]);
  expect(keychain?.install(root)[0]?.command.slice(0, 4)).toEqual(["security", "add-trusted-cert", "-r", "trustRoot"]);
  expect(findStores({ ...where, env: {} }).map(({ sort }) => sort)).toContain("system");
  const [windows] = findStores({ ...where, platform: "win32", env: {} });
  expect(windows?.remove(root)[0]?.command).toEqual(["certutil", "-delstore", "-user", "Root", root.sha1]);
});
