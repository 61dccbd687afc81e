import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { program } from "../../../test/support/programs.ts";
import { scratch } from "../../../test/support/scratch.ts";
import { probe } from "./probe.ts";

const [OPENSSL, REDIS] = [program("openssl"), program("redis-server")];

async function listening(server: Server): Promise<{ host: string; port: number }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

/** A server that says `greeting`, then answers what it is told to. */
function scripted(greeting: string | null, answer: (said: Buffer) => string | Buffer | null = () => null): Server {
  return createTcp((socket) => {
    if (greeting !== null) socket.write(greeting);
    socket.on("error", () => {});
    socket.on("data", (said) => {
      const text = answer(said as Buffer);
      if (text !== null) socket.write(text);
    });
  });
}

test("an HTTP server shows status, server and title, asked by its name", async () => {
  const server = createServer((request, response) => {
    response.setHeader("server", "test/1");
    response.end(`<html><head><title>Shop of ${request.headers.host}</title></head>`);
  });
  expect(await probe(await listening(server), { name: "web.shop.localhost" })).toEqual({
    protocol: "http",
    http: {
      status: 200,
      reason: "OK",
      server: "test/1",
      title: "Shop of web.shop.localhost",
      location: null,
      product: null,
    },
  });
});

test("a server for gRPC or HTTP/2 without TLS is told from others", async () => {
  const raw = scripted(null, () => Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  expect(await probe(await listening(raw))).toEqual({ protocol: "http2" });
  const node = await probe(await listening(createHttp2() as unknown as Server));
  expect(node).toMatchObject({ protocol: expect.stringMatching(/^http/) });
});

test.skipIf(OPENSSL === null)("a TLS server shows its certificate, and what answers inside", async () => {
  const folder = scratch("probe");
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync(
    OPENSSL ?? "",
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"].concat(
      ["-keyout", key, "-out", cert, "-subj", "/CN=web.localhost"],
      ["-addext", "subjectAltName=DNS:web.localhost,IP:127.0.0.1"],
    ),
    { stdio: "ignore" },
  );
  const server = createHttps({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => response.end("hi"));
  expect(await probe(await listening(server))).toMatchObject({
    protocol: "tls",
    version: "TLSv1.3",
    certificate: { subject: "web.localhost", names: ["web.localhost", "127.0.0.1"], selfSigned: true },
    http: { status: 200 },
  });
});

test.each([
  ["SSH-2.0-OpenSSH_9.9\r\n", { protocol: "ssh", version: "2.0-OpenSSH_9.9" }],
  ["220 mail.example ESMTP Postfix\r\n", { protocol: "smtp", version: "mail.example ESMTP Postfix" }],
  ["220 (vsFTPd 3.0.5)\r\n", { protocol: "ftp", version: "(vsFTPd 3.0.5)" }],
  ["RFB 003.008\n", { protocol: "vnc", version: "003.008" }],
  ["J\0\0\0\n8.4.0\0\x08\0\0\0", { protocol: "mysql", version: "8.4.0" }],
])("a server that greets with %j is known by that", async (greeting, expected) => {
  expect(await probe(await listening(scripted(greeting)))).toEqual(expected);
});

test("Postgres' answer to SSLRequest is known", async () => {
  const server = scripted(null, (said) => (said.length === 8 ? "S" : null));
  expect(await probe(await listening(server), { likely: "postgres" })).toEqual({ protocol: "postgres", tls: true });
});

test.skipIf(REDIS === null)("a real Redis is known, with and without a password", async () => {
  for (const password of [false, true]) {
    const { host, port } = await listening(createTcp());
    // A port that was free a moment ago, on a loopback address that nothing else uses.
    const own = host.replace("127.0.0.1", "127.9.8.7");
    const args = ["--port", String(port), "--bind", own, "--save", "", "--daemonize", "no"];
    const child = spawn(REDIS ?? "", password ? [...args, "--requirepass", "x"] : args, { stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const address = { host: own, port };
    await expect
      .poll(() => probe(address, { likely: "redis" }), { timeout: 10_000 })
      .toEqual({ protocol: "redis", password });
    // Also when nobody guesses it.
    expect(await probe(address)).toMatchObject({ protocol: "redis" });
    child.kill("SIGKILL");
  }
});

test("a server that says nothing, and a port where nobody listens, are told apart", async () => {
  const mute = createTcp((socket) => socket.on("error", () => {}).resume());
  expect(await probe(await listening(mute))).toEqual({ protocol: "unknown", said: null });
  const gone = createTcp();
  const address = await listening(gone);
  await new Promise((resolve) => gone.close(resolve));
  expect(await probe(address)).toEqual({ protocol: "none", code: "ECONNREFUSED" });
});

test("a stranger's control characters don't reach the terminal", async () => {
  const server = scripted("SSH-2.0-\x1b]0;owned\x07\x1b[31mred\r\n");
  expect(JSON.stringify(await probe(await listening(server)))).not.toMatch(/\\u00/);
});

test("only loopback is asked", async () => {
  for (const host of ["192.0.2.1", "0.0.0.0", "example.com", "localhost"]) {
    expect(await probe({ host, port: 80 })).toMatchObject({ fault: "UNSUPPORTED" });
  }
});
