import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ask } from "../../../test/support/door-request.ts";
import { createAssets } from "./assets.ts";

const nobody = { bearer: () => false, wrong: async () => {}, link: () => "", redeem: () => null, cookie: () => false };

/** A built dashboard (null: none) on a server of its own; returns its port. */
async function dashboard(files: Record<string, string> | null): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "cove-assets-"));
  const root = join(folder, "dashboard");
  writeFileSync(join(folder, "token"), "outside");
  for (const [name, text] of Object.entries(files ?? {})) {
    mkdirSync(join(root, name, ".."), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const server = createServer((request, response) => void assets?.(request, response).catch(() => response.destroy()));
  let assets: ReturnType<typeof createAssets> | undefined;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  assets = createAssets(nobody, port, root);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });
  return port;
}

test("the page comes with a strict policy; only its hashed files are kept by the browser", async () => {
  const port = await dashboard({ "index.html": "<title>Cove</title>", "assets/app-3f2a.js": "run()" });
  const page = await ask(port, "cove.localhost");
  expect([page.status, page.body, page.headers["cache-control"]]).toEqual([200, "<title>Cove</title>", "no-cache"]);
  const csp = String(page.headers["content-security-policy"]);
  expect(csp).toContain("default-src 'none'");
  expect(csp).toContain("frame-ancestors 'none'");
  expect(csp).not.toContain("unsafe");
  expect(page.headers["x-content-type-options"]).toBe("nosniff");
  expect(page.headers["cross-origin-resource-policy"]).toBe("same-origin");
  expect(page.headers["referrer-policy"]).toBe("no-referrer");

  const script = await ask(port, "cove.localhost", { path: "/assets/app-3f2a.js" });
  expect([script.status, script.body]).toEqual([200, "run()"]);
  expect(script.headers["cache-control"]).toContain("immutable");
  expect(script.headers["content-type"]).toContain("javascript");
  const etag = String(page.headers.etag);
  expect((await ask(port, "cove.localhost", { headers: { "if-none-match": etag } })).status).toBe(304);
  expect((await ask(port, "cove.localhost", { path: "/stacks/shop" })).body).toBe("<title>Cove</title>");
  expect((await ask(port, "cove.localhost", { path: "/assets/gone.js" })).status).toBe(404);
});

test("nothing outside the page's folder is served", async () => {
  const port = await dashboard({ "index.html": "page" });
  for (const path of [
    "/../token",
    "/%2e%2e/token",
    "/..%2ftoken",
    "/assets/../../token",
    "/%2e%2e%2ftoken",
    "//",
    "/%00",
  ]) {
    const answer = await ask(port, "cove.localhost", { path }).catch(() => ({ body: "refused" }));
    expect(answer.body, path).not.toContain("outside");
  }
});

test("the dashboard is on cove.localhost alone", async () => {
  const port = await dashboard({ "index.html": "page" });
  for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
    const answer = await ask(port, host);
    expect([answer.status, answer.headers.location]).toEqual([302, `http://cove.localhost:${port}/`]);
  }
  expect((await ask(port, "evil.example")).status).toBe(421);
  expect((await ask(port, "cove.localhost", { method: "POST" })).status).toBe(405);
});

test("without a build a page says what to do", async () => {
  const answer = await ask(await dashboard(null), "cove.localhost");
  expect(answer.status).toBe(503);
  expect(answer.body).toContain("npm run build");
});
