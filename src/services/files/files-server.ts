// The process behind the kind `files`: node files-server.js DIR [--spa] [--no-listing], listening at HOST:PORT.
import { realpathSync } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join, sep } from "node:path";
import send from "send";
import { isFault } from "../../fault/fault.ts";
import { listen } from "../../machine/listen.ts";
import { listingPage, missingPage } from "./files-pages.ts";

const [dir = ".", ...flags] = process.argv.slice(2);
const root = realpathSync(dir);
const spa = flags.includes("--spa");
const listing = !flags.includes("--no-listing");

const server = createServer((request, response) => {
  const started = performance.now();
  response.once("close", () => {
    const took = Math.round(performance.now() - started);
    console.log(`${request.method} ${request.url} ${response.statusCode} ${took} ms`);
  });
  answer(request, response).catch((error: unknown) => {
    console.error(`${request.url}: ${error instanceof Error ? error.message : error}`);
    if (response.headersSent) response.destroy();
    else sendText(response, 500, "This file can't be read\n");
  });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return sendText(response, 405, "Only GET and HEAD\n");
  }
  const path = pathOf(request.url ?? "/");
  const found = path === null ? null : await find(path);
  if (path === null || found === null) {
    const wantsPage = spa && path !== null && !/\.[^/]+$/.test(path);
    const index = wantsPage ? await find("/index.html") : null;
    return index === null
      ? sendPage(response, 404, missingPage(path ?? "that"))
      : sendFile(request, response, index.real);
  }
  if (!found.folder)
    return path.endsWith("/") ? sendPage(response, 404, missingPage(path)) : sendFile(request, response, found.real);

  if (!path.endsWith("/")) return redirect(request, response, path);
  const index = await find(join(path, "index.html"));
  if (index !== null && !index.folder) return sendFile(request, response, index.real);
  if (!listing) return sendPage(response, 404, missingPage(path));
  sendPage(response, 200, listingPage(path, await entriesOf(found.real, path)));
}

/** The decoded path, starting with one slash; null where it is none, climbs, or names a dotfile. */
function pathOf(url: string): string | null {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0] ?? "/");
    if (!path.startsWith("/") || path.includes("\0")) return null;
    return hasDotfile(path) ? null : path;
  } catch {
    return null;
  }
}

/** `.well-known` is for the public (RFC 8615); every other dotfile is not. */
function hasDotfile(path: string): boolean {
  return path.split(/[/\\]/).some((part) => part.startsWith(".") && part !== ".well-known");
}

/** What a path leads to. Links are followed, but not out of the folder nor to a dotfile in it. Null: nothing. */
async function find(path: string): Promise<{ real: string; folder: boolean } | null> {
  try {
    const real = await realpath(join(root, path));
    if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) return null;
    if (hasDotfile(real.slice(root.length))) return null;
    const found = await stat(real);
    return found.isDirectory() || found.isFile() ? { real, folder: found.isDirectory() } : null;
  } catch {
    return null;
  }
}

async function entriesOf(folder: string, path: string): Promise<{ name: string; folder: boolean }[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
  const entries = await Promise.all(
    names.map(async (name) => {
      const found = await find(join(path, name));
      return found === null ? [] : [{ name, folder: found.folder }];
    }),
  );
  return entries.flat();
}

/** Types, ranges, ETags and conditional requests are `send`'s. */
function sendFile(request: IncomingMessage, response: ServerResponse, real: string): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once("close", resolve);
    send(request, encodeURIComponent(real.slice(root.length)).replaceAll("%2F", "/").replaceAll("%5C", "/"), {
      root,
      dotfiles: "allow",
      index: false,
      cacheControl: false,
    })
      .on("headers", (to: ServerResponse) => to.setHeader("cache-control", "no-cache"))
      .on("error", (error: Error & { status?: number }) => {
        if (error.status === 404) sendPage(response, 404, missingPage(request.url ?? "/"));
        else if (error.status === 416 || error.status === 412) sendText(response, error.status, `${error.message}\n`);
        else reject(error);
      })
      .pipe(response);
  });
}

function redirect(request: IncomingMessage, response: ServerResponse, path: string): void {
  const query = /\?.*$/s.exec(request.url ?? "")?.[0] ?? "";
  // Two slashes in front would send the browser to another host.
  const target = path.replace(/^[/\\]+/, "/");
  response.setHeader("location", `${target.split("/").map(encodeURIComponent).join("/")}/${query}`);
  sendText(response, 301, "");
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
  sendBody(response, status, "text/html; charset=utf-8", html);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  sendBody(response, status, "text/plain; charset=utf-8", text);
}

function sendBody(response: ServerResponse, status: number, type: string, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, { "content-type": type, "content-length": body.length, "cache-control": "no-cache" });
  // Node itself leaves the body of an answer to HEAD out.
  response.end(body);
}

const { HOST = "127.0.0.1", PORT = "0" } = process.env;
const at = await listen(server, { host: HOST, port: Number(PORT) }, { taken: "end that process, then: cove restart" });
if (isFault(at)) {
  console.error(`${at.message}\n${at.hint}`);
  process.exit(1);
}
console.log(`serving ${root}`);
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
