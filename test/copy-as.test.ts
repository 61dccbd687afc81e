import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { edgeFixture, type SaidHttp, scene } from "../src/capture/exchange.fixture.ts";
import { curlOf, fetchOf } from "../src/inspect/copy-as.ts";
import { printable } from "../src/text/printable.ts";
import { program } from "./support/programs.ts";

interface Arrived {
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

let arrived: Arrived[] = [];
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { rawHeaders: raw, method, url: target } = request;
  const headers = raw.flatMap((name, n) => (n % 2 === 0 ? [[name, raw[n + 1] ?? ""] as const] : []));
  arrived.push({ method, target, headers, body: Buffer.concat(chunks) });
  response.end("ok");
});
const folder = mkdtempSync(join(tmpdir(), "cove-copy-"));
let host = "";

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

/** What a command or script makes arrive. */
async function run(file: string, args: string[]): Promise<Arrived> {
  arrived = [];
  await promisify(execFile)(file, args, {
    cwd: folder,
    timeout: 20_000,
    env: { PATH: process.env.PATH, HOME: folder },
  });
  const [first] = arrived;
  if (first === undefined) throw new Error("nothing arrived");
  return first;
}

const exchange = (said: SaidHttp) => scene(edgeFixture("web", "api")).http({ host, ...said });

const UTF8 = (text: string) => Buffer.from(text).toString("latin1");
const SAID: Readonly<Record<string, SaidHttp>> = {
  plain: { target: "/orders?page=2&q=a%20b" },
  quotes: { target: "/it's/$HOME?a=`id`&b=!x", headers: ['X-Quotes: it\'s "$HOME" `id` \\ !x'] },
  "brackets and dots": { target: "/a[1-3]/{b,c}/../d/./e" },
  "fields that curl has its own of": {
    headers: ["User-Agent: mine", "Accept: a/b", "X-Empty:", "X-Two: 1", "X-Two: 2"],
  },
  "fields in UTF-8": { headers: [`X-Name: ${UTF8("Müller ☕")}`] },
  "controls in fields in UTF-8": { headers: [`X-Name: ${UTF8("100% \u202eexe\u009b31m")}`] },
  "escapes in a body": {
    method: "POST",
    headers: ["Content-Type: text/plain"],
    body: "\x1b]52;c;aGk=\x07 100% 'x' \\ \u202e\n",
  },
  credentials: { headers: ["Authorization: Bearer hunter2", "Cookie: sid=hunter2"] },
  json: { method: "POST", headers: ["Content-Type: application/json"], body: '{"a":"it\'s\\n \\\\ $x","b":"ü"}' },
  form: { method: "POST", headers: ["Content-Type: application/x-www-form-urlencoded"], body: "@a=b&c=d" },
  lines: { method: "POST", headers: ["Content-Type: text/plain"], body: "a\r\nb\n\n'c'\n" },
  "no type": { method: "POST", body: "x" },
  put: { method: "PUT", headers: ["Content-Type: text/plain"], body: "x" },
  delete: { method: "DELETE", target: "/orders/1" },
  head: { method: "HEAD" },
  options: { method: "OPTIONS", target: "/x" },
  bytes: {
    method: "POST",
    headers: ["Content-Type: application/octet-stream"],
    body: Buffer.from(Array.from({ length: 512 }, (_, n) => n & 0xff)),
  },
};

/** Of the fields those that say something; curl and fetch write the others themselves. */
function telling(headers: Arrived["headers"]): string[] {
  const own = /^(?:host|connection|content-length|accept-language|sec-fetch-mode|accept-encoding|expect)$/i;
  return headers
    .filter(([name]) => !own.test(name))
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .sort();
}

function expected({ headers = [] }: SaidHttp): string[] {
  return headers.map((line) => line.replace(/^([^:]+):[ ]*/, (_, name: string) => `${name.toLowerCase()}: `)).sort();
}

describe.skipIf(program("curl") === null)("as curl", () => {
  test.each(Object.entries(SAID))("%s arrives as it was", async (_, said) => {
    const command = await curlOf(exchange(said), true);
    expect(printable(command)).toBe(command);
    const got = await run("sh", ["-c", command]);
    expect(got).toMatchObject({ method: said.method ?? "GET", target: said.target ?? "/" });
    expect(telling(got.headers)).toEqual(expected(said));
    expect(got.body).toEqual(Buffer.from(said.body ?? ""));
  });
});

test.each(Object.entries(SAID).filter(([name]) => !/UTF-8|quotes|brackets/.test(name)))(
  "%s as fetch arrives as it was",
  async (_, said) => {
    const script = await fetchOf(exchange(said), true);
    expect(printable(script)).toBe(script);
    const got = await run(process.execPath, ["--input-type=module", "-e", script]);
    expect(got).toMatchObject({ method: said.method ?? "GET", target: said.target ?? "/" });
    const headers = telling(got.headers);
    // fetch joins fields of one name.
    for (const line of expected(said)) expect(headers.join("\n")).toContain(/^x-two/.test(line) ? "x-two: 1, 2" : line);
    expect(got.body).toEqual(Buffer.from(said.body ?? ""));
  },
);

test("credentials are in neither unless they are revealed", async () => {
  const secrets: SaidHttp = {
    ...{ method: "POST", target: "/x?token=hunter2" },
    headers: [
      "Authorization: Bearer hunter2",
      "Cookie: sid=hunter2",
      "X-Api-Key: hunter2",
      "Content-Type: application/json",
    ],
    body: '{"user":"ann","password":"hunter2"}',
  };
  for (const write of [curlOf, fetchOf]) {
    const hidden = await write(exchange(secrets), false);
    expect(hidden).not.toContain("hunter2");
    expect(hidden).toContain("ann");
    expect(await write(exchange(secrets), true)).toContain("hunter2");
    const parts = '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--b--\r\n';
    const left = await write(
      exchange({ method: "POST", headers: ["Content-Type: multipart/form-data; boundary=b"], body: parts }),
      false,
    );
    expect(left).not.toContain("hunter2");
    expect(left).toMatch(/left out, since it holds credentials/);
  }
});

test("a body that was cut or is large is pointed out", async () => {
  const cut = exchange({ method: "POST", body: "x".repeat(100), most: 10 });
  expect(await curlOf(cut, true)).toMatch(/^# the body: its first 10 of 100 bytes were kept\n/);
  expect(await fetchOf(cut, true)).toMatch(/^\/\/ the body/);
  const large = exchange({ method: "POST", body: Buffer.alloc(300_000, 1) });
  expect(await curlOf(large, true)).toMatch(/save them to a file named body first\ncurl /);
});
