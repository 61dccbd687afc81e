import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../test/support/free-port.ts";
import { scratch } from "../../../test/support/scratch.ts";
import { isFault, orThrow } from "../../fault/fault.ts";
import type { ServiceContext } from "../kind/kind.ts";
import { type FilesOptions, files } from "./files.ts";

interface Served {
  readonly log: () => string;
  readonly get: (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>;
}
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Starts the kind's real process, as a runner would, on a free port. */
async function serve(dir: string, options: Partial<FilesOptions> = {}): Promise<Served> {
  const port = await freePort();
  const env = { PATH: process.env.PATH ?? "", HOST: "127.0.0.1", PORT: String(port) };
  const context = { name: "docs", options: { dir, ...options }, cwd: "/", env } as Partial<
    ServiceContext<FilesOptions>
  >;
  const launch = orThrow(await files.launch(context as ServiceContext<FilesOptions>));
  if (launch === null || typeof launch.command === "string") throw new Error("no process");
  const [program = "", ...args] = launch.command;
  const child = spawn(program, args, { env: launch.env, cwd: launch.cwd, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    expect(await gone).toEqual([0, null]);
  });
  let log = "";
  child.stdout.on("data", (chunk) => {
    log += chunk;
  });
  await once(child.stdout, "data");
  return { log: () => log, get: (path, headers = {}, method = "GET") => ask(port, path, headers, method) };
}

/** Sends the path as it is: no client tidies `..` away. */
function ask(port: number, path: string, headers: Record<string, string>, method: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers, method, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    })
      .on("error", reject)
      .end();
  });
}

function site(): string {
  const dir = scratch("site");
  const write = (path: string, text: string) => {
    mkdirSync(join(dir, path, ".."), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  write("index.html", "<h1>start</h1>");
  write("app.js", "console.log(1)");
  write("hello.txt", "0123456789");
  write("empty.txt", "");
  write("my file #1.txt", "odd name");
  write("list/a2.txt", "2");
  write("list/a10.txt", "10");
  write("list/<b>&.txt", "b");
  write("list/sub/x.txt", "x");
  write("list/.secret", "s");
  write(".env", "PASSWORD=1");
  write(".git/config", "c");
  write(".well-known/security.txt", "mail us");
  return dir;
}

describe("a folder of files", () => {
  test("gives its files with type, length and ETag, and index.html for itself", async () => {
    const { get, log } = await serve(site());
    const start = await get("/");
    expect(start).toMatchObject({ status: 200, body: "<h1>start</h1>" });
    expect(start.headers["content-type"]).toBe("text/html; charset=utf-8");
    const script = await get("/app.js?v=1");
    expect(script).toMatchObject({ status: 200, body: "console.log(1)" });
    expect(script.headers["content-type"]).toMatch(/javascript/);
    expect(script.headers["cache-control"]).toBe("no-cache");
    expect((await get("/app.js", { "if-none-match": String(script.headers.etag) })).status).toBe(304);
    expect(await get("/my%20file%20%231.txt")).toMatchObject({ status: 200, body: "odd name" });
    expect(await get("/.well-known/security.txt")).toMatchObject({ status: 200, body: "mail us" });
    expect(await get("/empty.txt")).toMatchObject({ status: 200, body: "" });
    const head = await get("/hello.txt", {}, "HEAD");
    expect(head).toMatchObject({ status: 200, body: "" });
    expect(head.headers["content-length"]).toBe("10");
    expect((await get("/", {}, "POST")).status).toBe(405);
    expect(log()).toMatch(/GET \/app\.js\?v=1 200 \d+ ms/);
  });

  test("gives ranges of bytes, also from the end (RFC 9110 §14)", async () => {
    const { get } = await serve(site());
    const part = (range: string) => get("/hello.txt", { range });
    expect(await part("bytes=2-4")).toMatchObject({ status: 206, body: "234" });
    expect((await part("bytes=2-4")).headers["content-range"]).toBe("bytes 2-4/10");
    expect(await part("bytes=-3")).toMatchObject({ status: 206, body: "789" });
    expect(await part("bytes=8-")).toMatchObject({ status: 206, body: "89" });
    expect(await part("bytes=50-")).toMatchObject({ status: 416, headers: { "content-range": "bytes */10" } });
    expect((await part("bytes=5-2")).status).toBe(416);
    expect(await part("lines=1-2")).toMatchObject({ status: 200, body: "0123456789" });
  });

  test("lists a folder without an index.html: sorted, escaped, without dotfiles", async () => {
    const { get } = await serve(site());
    expect((await get("/list")).headers.location).toBe("/list/");
    expect((await get("/list?a=1")).headers.location).toBe("/list/?a=1");
    const { status, body } = await get("/list/");
    expect(status).toBe(200);
    expect(body).not.toContain("<b>");
    expect(body).not.toContain("secret");
    expect([...body.matchAll(/href="([^"]*)"/g)].map((match) => match[1])).toEqual([
      "../",
      "./sub/",
      "./%3Cb%3E%26.txt",
      "./a2.txt",
      "./a10.txt",
    ]);
    expect(await get("/list/%3Cb%3E%26.txt")).toMatchObject({ status: 200, body: "b" });
  });

  test("lists nothing when told so", async () => {
    const { get } = await serve(site(), { listing: false });
    expect((await get("/list/")).status).toBe(404);
    expect((await get("/list/a2.txt")).status).toBe(200);
  });

  test("gives nothing that isn't its own: dotfiles, ways up, links out", async () => {
    const dir = site();
    const outside = scratch("outside");
    writeFileSync(join(outside, "key.pem"), "private");
    symlinkSync(outside, join(dir, "out"));
    symlinkSync(join(outside, "key.pem"), join(dir, "key.pem"));
    symlinkSync(join(dir, "hello.txt"), join(dir, "inside.txt"));
    symlinkSync(join(dir, "nowhere"), join(dir, "broken"));
    symlinkSync(".env", join(dir, "environment.txt"));
    symlinkSync("environment.txt", join(dir, "chain.txt"));
    symlinkSync(".git", join(dir, "repository"));
    symlinkSync(join("..", "list", ".secret"), join(dir, "list", "open.txt"));
    const { get } = await serve(dir);
    for (const path of [
      "/.env",
      "/%2eenv",
      "/.git/config",
      "/list/.secret",
      "/../outside/key.pem",
      `/..%2f${outside.slice(1)}/key.pem`,
      "/list/..%5c..%5c.env",
      "/out/key.pem",
      "/out/",
      "/key.pem",
      "/broken",
      "/environment.txt",
      "/chain.txt",
      "/repository/",
      "/repository/config",
      "/list/open.txt",
      "/hello.txt%00.html",
      "/%ff",
      "/hello.txt/",
      "/nothing",
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
    expect(await get("/inside.txt")).toMatchObject({ status: 200, body: "0123456789" });
    expect((await get("/list/")).body).not.toContain("open.txt");
  });

  test("doesn't send a browser to another host", async () => {
    const dir = site();
    mkdirSync(join(dir, "evil.test"));
    const { get } = await serve(dir);
    expect((await get("//evil.test")).headers.location).toBe("/evil.test/");
  });

  test("says what is not there without trusting its name", async () => {
    const { get } = await serve(site());
    const { body, headers } = await get("/%3Cscript%3Ealert(1)%3C/script%3E");
    expect(body).not.toContain("<script>");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
  });

  test("as an app's folder answers unknown pages, but not unknown files, with index.html", async () => {
    const { get } = await serve(site(), { spa: true });
    expect(await get("/orders/17")).toMatchObject({ status: 200, body: "<h1>start</h1>" });
    expect((await get("/missing.js")).status).toBe(404);
    expect((await get("/.env")).status).toBe(404);
  });

  test("sees files come and go", async () => {
    const dir = site();
    const { get } = await serve(dir);
    expect((await get("/new.txt")).status).toBe(404);
    writeFileSync(join(dir, "new.txt"), "new");
    expect((await get("/new.txt")).body).toBe("new");
    writeFileSync(join(dir, "new.txt"), "newer");
    expect((await get("/new.txt")).body).toBe("newer");
    rmSync(join(dir, "new.txt"));
    expect((await get("/new.txt")).status).toBe(404);
  });

  test("that isn't there is a fault that names it", async () => {
    const dir = scratch("nothing");
    const context = { name: "docs", options: { dir: "./gone" }, cwd: dir, env: {} } as ServiceContext<FilesOptions>;
    const launch = await files.launch(context);
    expect(isFault(launch) && launch.message).toBe(`docs: there is no folder ${join(dir, "gone")}`);
  });
});
