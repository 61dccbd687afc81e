// A person's browser and tools at https://web.shop.localhost, with the authority in stores of a home folder of their own.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeLeaf } from "../src/certificates/issue.ts";
import { browser } from "./support/browser.ts";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";
import { shop } from "./support/shop.ts";

const hasBrowser = program("chromium") !== null && program("certutil") !== null;

/** The authority of a sandbox, trusted by Chromium in `home`. */
async function trustIn(sandbox: Sandbox, home: string): Promise<void> {
  const env = { HOME: home };
  const { code, stderr } = await sandbox.cove(["trust", "--yes", "--user"], { env });
  expect(code, stderr).toBe(0);
}

describe("Chromium with the authority in its own store", () => {
  test.skipIf(!hasBrowser)(
    "loads the example by https without a warning, HMR over WebSocket included (needs chromium, certutil)",
    { timeout: 300_000 },
    async () => {
      await using sandbox = await coveSandbox();
      const home = scratch("https-home");
      await trustIn(sandbox, home);
      const cwd = shop();
      const running = await sandbox.start(["up"], { cwd });
      await running.waitFor(/web +.*https:\/\/web\.shop\.localhost/, 120_000);
      const { stdout: url } = await sandbox.cove(["url", "web"], { cwd });
      expect(url.trim()).toBe(`https://web.shop.localhost:${sandbox.port}`);
      {
        await using chromium = await browser({ home });
        const page = await chromium.newPage();
        const sockets: string[] = [];
        page.on("websocket", (socket) => sockets.push(socket.url()));
        // What is edited before that isn't told to the page.
        const connected = page.waitForEvent("console", {
          predicate: (message) => message.text().includes("[vite] connected"),
          timeout: 90_000,
        });
        // Other tests make networks, at which Chromium breaks off what it loads.
        const response = await eventually(() => page.goto(url.trim()), 90_000);
        expect(response?.status()).toBe(200);
        expect(await page.evaluate("window.isSecureContext")).toBe(true);
        await page.getByText("Storm lantern").first().waitFor({ timeout: 90_000 });
        await connected;
        const file = join(cwd, "web/src/shop.tsx");
        // Vite loads the page again once it has found what it depends on.
        await eventually(async () => {
          await page.evaluate("window.before = true");
          await page.waitForTimeout(2_000);
          return (await page.evaluate("window.before")) === true ? true : undefined;
        }, 60_000);
        writeFileSync(file, readFileSync(file, "utf8").replaceAll("Harbour Goods", "Harbour Wares"));
        await page.getByText("Harbour Wares").first().waitFor({ timeout: 90_000 });
        // Replaced in place: the page was not loaded again.
        expect(await page.evaluate("window.before")).toBe(true);
        expect(sockets[0]).toMatch(new RegExp(`^wss://web\\.shop\\.localhost:${sandbox.port}/`));
        // The dashboard, too.
        const link = JSON.parse((await sandbox.cove(["open", "--print", "--json"])).stdout).url as string;
        expect(link).toMatch(/^https:\/\/cove\.localhost:/);
        await page.goto(link);
        await page.getByText("shop").first().waitFor();
      }
      await running.stop();
    },
  );

  test.skipIf(!hasBrowser)(
    "refuses a certificate outside of the constraints (needs chromium, certutil)",
    { timeout: 120_000 },
    async () => {
      await using sandbox = await coveSandbox();
      const home = scratch("https-home");
      await trustIn(sandbox, home);
      const { intermediate, key } = JSON.parse(readFileSync(join(sandbox.home, "certificates/authority.json"), "utf8"));
      const served = async (name: string) => {
        const leaf = await makeLeaf({ name, intermediate, key });
        const server = createServer({ cert: leaf.certificate + intermediate, key: leaf.key }, (_, res) =>
          res.end("in"),
        );
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        onTestFinished(() => void server.close());
        return `https://${name}:${(server.address() as AddressInfo).port}/`;
      };
      await using chromium = await browser({ home, args: ["--host-resolver-rules=MAP www.example.com 127.0.0.1"] });
      const page = await chromium.newPage();
      expect((await page.goto(await served("fine.localhost")))?.status()).toBe(200);
      await expect(page.goto(await served("www.example.com"))).rejects.toThrow(/ERR_CERT/);
    },
  );
});

test("services trust each other: Node, Python and curl open another service by https", {
  timeout: 120_000,
}, async () => {
  await using sandbox = await coveSandbox();
  expect((await sandbox.cove(["trust", "--path"])).stdout.trim()).toBe(join(sandbox.home, "certificates/root.pem"));
  const cwd = scratch("https-services");
  // It asks for the token, over a connection that was trusted.
  const url = `https://127.0.0.1:${sandbox.port}/api/v1/snapshot`;
  // What the user has already stays: both are in the bundle.
  writeFileSync(join(cwd, "mine.pem"), "# the user's own\n");
  writeFileSync(
    join(cwd, "node.mjs"),
    `import { readFileSync } from "node:fs";
const response = await fetch(process.argv[2]);
console.log("node", response.status, readFileSync(process.env.NODE_EXTRA_CA_CERTS, "utf8").includes("the user's own"));`,
  );
  const env = {
    NODE_EXTRA_CA_CERTS: join(cwd, "mine.pem"),
    SSL_CERT_FILE: "",
    REQUESTS_CA_BUNDLE: "",
    CURL_CA_BUNDLE: "",
  };
  const node = await sandbox.cove(["run", "--", "node", "node.mjs", url], { cwd, env });
  expect(node.stdout, node.stderr).toMatch(/node \d+ true/);
  if (program("python3") !== null) {
    const script = `import sys, ssl, urllib.request, urllib.error
try: urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1])
except urllib.error.HTTPError as e: print("python", e.code)
else: print("python", 200)`;
    const python = await sandbox.cove(["run", "--", "python3", "-c", script, url], { cwd, env });
    expect(python.stdout, python.stderr).toMatch(/python \d+/);
  }
  if (program("curl") !== null) {
    const curl = await sandbox.cove(
      ["run", "--", "curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "curl %{http_code}", url],
      { cwd, env },
    );
    expect(curl.stdout, curl.stderr).toMatch(/curl \d+/);
  }
});

const canUnshare =
  process.getuid?.() === 0 &&
  ["unshare", "mount", "update-ca-certificates", "certutil"].every((name) => program(name) !== null);

describe.skipIf(!canUnshare)("in a mount namespace with copies of the system's stores", () => {
  /** Runs a script in which `cove` is the built one, `list` writes down all that stores hold, and the system's are copies. */
  function inNamespace(sandbox: Sandbox, home: string, script: string): string {
    const bin = join(import.meta.dirname, "../bin/cove.js");
    const text = `set -e
mount -t tmpfs tmpfs /mnt
for folder in /etc/ssl /usr/local/share/ca-certificates; do
  mkdir -p /mnt$folder/up /mnt$folder/work
  mount -t overlay overlay -o lowerdir=$folder,upperdir=/mnt$folder/up,workdir=/mnt$folder/work $folder
done
cove() { '${process.execPath}' '${bin}' "$@" 2>>/mnt/said || { cat /mnt/said; return 1; }; }
list() {
  find /etc/ssl /usr/local/share/ca-certificates "$HOME" "$COVE_HOME/certificates" ! -type d ! -path '*/java/cacerts' 2>/dev/null |
    sort | xargs -d '\\n' sha1sum
  find "$HOME" | sort
  if command -v keytool >/dev/null; then keytool -list -cacerts -storepass changeit 2>/dev/null | grep -i cove || true; fi
}
${script}`;
    const { stdout, stderr, status } = spawnSync("unshare", ["-m", "bash", "-c", text], {
      encoding: "utf8",
      env: { ...sandbox.env, HOME: home },
    });
    expect(status, stdout + stderr).toBe(0);
    return stdout;
  }

  test("cove trust makes curl, Python and Chromium trust it, and cove untrust leaves nothing (needs root, unshare, certutil)", {
    timeout: 240_000,
  }, async () => {
    await using sandbox = await coveSandbox();
    const home = scratch("https-home");
    const said = inNamespace(
      sandbox,
      home,
      `list >/mnt/before
cove trust --yes --json
list >/mnt/between
if cmp -s /mnt/before /mnt/between; then echo nothing was done; exit 1; fi
cove trust --yes --suffix test >/dev/null
echo "$(certutil -L -d sql:$HOME/.pki/nssdb | grep -c Cove) $(ls /usr/local/share/ca-certificates | grep -c cove)"
cove untrust --yes >/dev/null
list >/mnt/after
diff /mnt/before /mnt/after`,
    );
    const [first = "", counts] = said.split("\n");
    // The root that was replaced went when the new one came.
    expect(counts).toBe("1 1");
    const { stores, proofs } = JSON.parse(first);
    expect(stores.map(({ state }: { state: string }) => state)).not.toContain("missing");
    const trusting = new Map(proofs.map(({ tool, trusts }: { tool: string; trusts: boolean }) => [tool, trusts]));
    for (const tool of ["curl", "Python", "Chromium", "Java"]) expect(trusting.get(tool) ?? true, tool).not.toBe(false);
  });
});

test("without someone to agree nothing is changed", async () => {
  await using sandbox = await coveSandbox();
  const home = scratch("https-home");
  const { code, stderr } = await sandbox.cove(["trust", "--user"], { env: { HOME: home } });
  if (hasBrowser) {
    expect(code).toBe(1);
    expect(stderr).toContain("certutil -A -d");
    expect(stderr).toContain("NOT_CONFIRMED");
  }
  expect(spawnSync("find", [home, "-name", "cert9.db"], { encoding: "utf8" }).stdout).toBe("");
});
