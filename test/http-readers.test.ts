import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keptBytes } from "../src/capture/body.ts";
import { newCaller } from "../src/capture/caller.ts";
import { openTap } from "../src/capture/decoders/tap.ts";
import { CAPTURE_ALL } from "../src/capture/edge.ts";
import { type CapturedEdge, type HttpExchange, newPlace } from "../src/capture/exchange.ts";
import { createRecorder } from "../src/capture/recorder.ts";
import { openFollower } from "../src/conditions/http/follower.ts";
import type { Way } from "../src/conditions/kinds/condition.ts";
import { readConditions } from "../src/conditions/text.ts";
import { virtualClock } from "../src/conditions/time/virtual-clock.fixture.ts";
import { type Door, openDoor } from "../src/door/door.ts";
import { openRelay, type Relay } from "../src/door/relay/relay.ts";
import { createRoutes } from "../src/door/upstream/routes.ts";
import { orThrow } from "../src/fault/fault.ts";

// One request and its response, odd ones, through all that reads HTTP/1: the door, a relay whose capture reads along, and a relay
// under conditions about HTTP.

/** What one of them made of it. */
interface Reading {
  readonly verdict: "read" | "refused";
  readonly heads: readonly [request: string, response: string];
  readonly bodies: readonly [request: string, response: string];
}

const REFUSED: Reading = { verdict: "refused", heads: ["", ""], bodies: ["", ""] };

const edge: CapturedEdge = {
  ...{ id: "browser→a", stack: "shop", from: "browser", to: "a", origin: null },
  ...{ place: newPlace("shop", "a"), policy: CAPTURE_ALL },
};

/** The service: what it has heard, and what it answers once all of the request came. */
let heard = "";
const script = { whole: () => false, response: "" };
const sockets = new Set<Socket>();
const service = createServer({ allowHalfOpen: true }, (socket) => {
  sockets.add(socket);
  let answered = false;
  socket.on("close", () => sockets.delete(socket));
  socket.on("error", () => {});
  socket.on("end", () => socket.end());
  socket.on("data", (chunk) => {
    heard += chunk.toString("latin1");
    if (answered || !script.whole()) return;
    answered = true;
    socket.end(script.response, "latin1");
  });
});

const atDoor = createRecorder();
const onRelay = createRecorder();
const told: string[] = [];
let door: Door;
let captured: Relay;
let conditioned: Relay;

beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  const upstream = { host: "127.0.0.1", port: (service.address() as AddressInfo).port };
  const routes = createRoutes();
  routes.set("a.localhost", {
    ...{ id: "shop/a", upstream, state: "ready" as const, capture: edge },
    ...{ whenReady: async () => true, logTail: () => [], cause: () => null },
  });
  door = orThrow(await openDoor({ port: 0, routes, recorder: atDoor }));
  const all = { listen: { host: "127.0.0.1", port: 0 }, to: () => upstream, seed: 1 };
  const tap = (_: Socket, __: unknown, clock: number) => {
    return openTap(onRelay, edge, newCaller("127.0.0.1:1", null, null), "tcp", clock);
  };
  captured = orThrow(await openRelay({ ...all, tap }));
  conditioned = orThrow(await openRelay({ ...all, noHttp: (why) => told.push(why) }));
});
afterAll(async () => {
  await Promise.all([door.close(), captured.close(), conditioned.close()]);
  for (const socket of sockets) socket.destroy();
  service.close();
});

/** Sends the bytes; gives what comes back until `done`, or the connection's end. */
function send(port: number, request: string, done: () => boolean = () => false): Promise<string> {
  heard = "";
  return new Promise((resolve) => {
    let got = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(request, "latin1"));
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on("data", (chunk) => {
      got += chunk.toString("latin1");
      if (done()) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(got));
  });
}

/** What was written down of the only exchange that there was since `seq`. */
function recorded({ ring }: typeof atDoor, seq: number): Reading {
  const exchange = ring.get(seq + 1);
  if (exchange === undefined || exchange.protocol !== "http" || exchange.error !== null) return REFUSED;
  const { requestHead, responseHead, requestBody, responseBody } = exchange as HttpExchange;
  return {
    verdict: "read",
    heads: [requestHead, responseHead ?? ""],
    bodies: [keptBytes(requestBody).toString("latin1"), keptBytes(responseBody).toString("latin1")],
  };
}

async function byDoor(request: string): Promise<Reading> {
  // It adds fields to the head.
  script.whole = () => heard.includes("\r\n\r\n") && heard.endsWith(request.slice(-4));
  const before = atDoor.ring.newest();
  // The door keeps the connection; to a refused request it answers by itself.
  await send(door.port, request, () => atDoor.ring.get(before + 1)?.ended !== null);
  return recorded(atDoor, before);
}

async function byCapture(request: string): Promise<Reading> {
  script.whole = () => heard.length === request.length;
  const before = onRelay.ring.newest();
  await send(captured.address.port, request);
  await expect.poll(() => captured.stats().connections).toBe(0);
  return recorded(onRelay, before);
}

/** Every byte of a body has another bit flipped, and no other byte: so this tells what conditions take for one. */
async function byConditions(request: string): Promise<Reading> {
  script.whole = () => heard.length === request.length;
  told.length = 0;
  conditioned.setConditions([]);
  conditioned.setConditions(orThrow(readConditions("http-slow=1GB/s,both")));
  const got = await send(conditioned.address.port, request);
  expect([heard, got]).toEqual([request, script.response]);
  if (told.length > 0) return REFUSED;
  conditioned.setConditions(orThrow(readConditions("http-corrupt=100%,both")));
  const flipped = await send(conditioned.address.port, request);
  expect(told).toEqual([]);
  const up = split(request, heard);
  const down = split(script.response, flipped);
  return { verdict: "read", heads: [up.head, down.head], bodies: [up.body, down.body] };
}

/** `head`: what comes before the first byte that was changed. */
function split(sent: string, passed: string): { head: string; body: string } {
  expect(passed.length).toBe(sent.length);
  const changed = [...sent].map((char, n) => char !== passed[n]);
  const first = changed.indexOf(true);
  return { head: first < 0 ? sent : sent.slice(0, first), body: [...sent].filter((_, n) => changed[n]).join("") };
}

const H = "Host: a.localhost\r\n";
const GET = `GET /x HTTP/1.1\r\n${H}\r\n`;
const OK = "HTTP/1.1 200 OK\r\n";
const PLAIN = `${OK}Content-Length: 5\r\n\r\nhello`;
const post = (fields: string, body: string) => `POST /x HTTP/1.1\r\n${H}${fields}\r\n${body}`;
const coded = (body: string) => post("Transfer-Encoding: chunked\r\n", body);
const chunks = (body: string) => `${OK}Transfer-Encoding: chunked\r\n\r\n${body}`;

type Case = [name: string, text: string];

async function agree(request: string, response: string, verdict: Reading["verdict"]): Promise<void> {
  script.response = response;
  const atTheDoor = await byDoor(request);
  const along = await byCapture(request);
  const under = await byConditions(request);
  expect([atTheDoor.verdict, along.verdict, under.verdict]).toEqual([verdict, verdict, verdict]);
  expect(along).toEqual(atTheDoor);
  expect(under.bodies).toEqual(along.bodies);
  for (const way of [0, 1] as const) {
    // Ahead of a body stands more than its head: empty lines, interim responses, the first chunk's size.
    expect(under.heads[way]).toContain(along.heads[way]);
  }
}

describe("a request: the door, the capture and the conditions agree", () => {
  test.each<Case>([
    ["no body", GET],
    ["an empty line ahead", `\r\n${GET}`],
    ["two empty lines ahead", `\r\n\r\n${GET}`],
    ["a method in lower case", GET.replace("GET", "get")],
    ["a method with a hyphen", GET.replace("GET", "M-SEARCH")],
    ["a long method", GET.replace("GET", "A".repeat(30))],
    ["an absolute target", GET.replace("/x", "http://a.localhost/x")],
    ["8-bit bytes in a field", `GET /x HTTP/1.1\r\n${H}X: \xff\xfe\r\n\r\n`],
    ["a sized body", post("Content-Length: 5\r\n", "hello")],
    ["a length with leading zeros", post("Content-Length: 005\r\n", "hello")],
    ["chunks with extensions and a trailer", coded('5;x="a\\"b"\r\nhello\r\n0\r\nX: y\r\n\r\n')],
    ["HTTP/1.0", `POST /x HTTP/1.0\r\n${H}Content-Length: 5\r\n\r\nhello`],
  ])("it is read: %s", (_, request) => agree(request, PLAIN, "read"));

  test.each<Case>([
    ["three empty lines ahead", `\r\n\r\n\r\n${GET}`],
    ["lines that end in LF", "GET /x HTTP/1.1\nHost: a.localhost\n\r\n\r\n"],
    ["a blank before a colon", `GET /x HTTP/1.1\r\nHost : a.localhost\r\n\r\n`],
    ["a folded field", `GET /x HTTP/1.1\r\n${H}X: a\r\n b\r\n\r\n`],
    ["two lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")],
    ["a length and chunks", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")],
    ["a coding other than chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")],
    ["a control character", `GET /x HTTP/1.1\r\n${H}X: a\x01b\r\n\r\n`],
    ["a fragment", GET.replace("/x", "/x#y")],
    ["another version", GET.replace("HTTP/1.1", "HTTP/1.2")],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["CONNECT", `CONNECT a.localhost:1 HTTP/1.1\r\n${H}\r\n`],
    ["blanks in a chunk's size", coded("5 \r\nhello\r\n0\r\n\r\n")],
    ["chunks whose lines end in LF", coded("5\nhello\n0\n\n\r\n\r\n")],
    ["a length as a trailer", coded("5\r\nhello\r\n0\r\nContent-Length: 1\r\n\r\n")],
  ])("it is refused, and passes a relay unread: %s", (_, request) => agree(request, PLAIN, "refused"));
});

describe("a response: the door, the capture and the conditions agree", () => {
  test.each<Case>([
    ["lines that end in LF", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"],
    ["LF and CRLF mixed", "HTTP/1.1 200 OK\nContent-Length: 5\r\nA: b\n\r\nhello"],
    ["an empty line ahead", `\r\n${PLAIN}`],
    ["a status line in lower case, with blanks and a colon", "http/1.1\t200:  OK\r\nContent-Length: 5\r\n\r\nhello"],
    ["no reason phrase", "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello"],
    ["a stream of music", "ICY 200 OK\r\n\r\nhello"],
    ["a length twice", `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
    ["a blank before the colon of the length", `${OK}Content-Length : 5\r\n\r\nhello`],
    ["a line without a colon", `${OK}nonsense\r\nContent-Length: 5\r\n\r\nhello`],
    ["a folded field", `${OK}X: a\r\n b\r\nContent-Length: 5\r\n\r\nhello`],
    ["identity, an obsolete coding", `${OK}Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello`],
    ["gzip before chunked", `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
    ["a coding that the end ends", `${OK}Transfer-Encoding: gzip\r\n\r\nhello`],
    ["no length", `${OK}\r\nhello\n\nall of you`],
    [
      "blanks behind a chunk's size, any text as an extension",
      chunks("5 \t\r\nhello\r\n0005;a b c\r\nthere\r\n0\r\n\r\n"),
    ],
    ["chunks whose lines end in LF", chunks("5\nhello\n0\nX: y\n\n")],
    ["a 204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"],
    ["an interim response ahead", `HTTP/1.1 103 Early Hints\nContent-Length: 9\n\n${PLAIN}`],
    ["a head of 100 KB", `${OK}X: ${"y".repeat(100_000)}\r\nContent-Length: 5\r\n\r\nhello`],
  ])("it is read: %s", (_, response) => agree(GET, response, "read"));

  test("it is read: an answer to HEAD with a length", () =>
    agree(GET.replace("GET", "HEAD"), `${OK}Content-Length: 5\r\n\r\n`, "read"));

  test.each<Case>([
    ["no HTTP at all", "220 mail.example ESMTP\r\n"],
    ["two different lengths", `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
    ["a length and chunks", `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["a carriage return in a value", `${OK}X: a\rY: b\r\nContent-Length: 0\r\n\r\n`],
    ["a folded length", `${OK}Content-Length:\r\n 5\r\n\r\nhello`],
    ["HTTP/2", "HTTP/2 200\r\nContent-Length: 5\r\n\r\nhello"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["a first chunk that is broken", chunks("xyz\r\nhello\r\n0\r\n\r\n")],
    ["a later chunk that is broken", chunks("5\r\nhello\r\nzz\r\n0\r\n\r\n")],
    ["a head that is too large", `${OK}X: ${"y".repeat(300_000)}\r\n\r\n`],
  ])("it is refused, and passes a relay unread: %s", (_, response) => agree(GET, response, "refused"));
});

const PIECES = [
  ...[
    "\r",
    "\n",
    "\r\n",
    "\r\n\r\n",
    "\n\n",
    " ",
    "\t",
    "\0",
    "\x0b",
    ":",
    ",",
    ";",
    "\x80",
    "0",
    "5",
    "a",
    "chunked",
    "identity",
  ],
  ...["Content-Length: 3\r\n", "Content-Length: 0\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding : gzip\r\n"],
  ...["Connection: close\r\n", "0\r\n\r\n", " HTTP/1.1", "HTTP/1.1 204 No Content\r\n\r\n", GET],
];

/** A text with a few mutations: where, how many bytes go, and what comes instead. */
const mutated = (seeds: readonly string[]) =>
  fc
    .record({
      texts: fc.array(fc.constantFrom(...seeds), { minLength: 1, maxLength: 3 }),
      changes: fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom("", ...PIECES)), { maxLength: 3 }),
    })
    .map(({ texts, changes }) =>
      changes.reduce((text, [where, gone, piece]) => {
        const at = where % (text.length + 1);
        return text.slice(0, at) + piece + text.slice(at + gone);
      }, texts.join("")),
    );

/** What conditions make of a conversation: all requests, then all responses. */
function followed(up: string, down: string, sizes: readonly number[]) {
  const { clock } = virtualClock();
  const out = { up: "", down: "" };
  let left = false;
  const into = (way: Way) => ({ push: (bytes: Buffer) => (out[way] += bytes.toString("latin1")), end: () => {} });
  const nothing = { eased: () => {}, reset: () => {}, left: () => (left = true) };
  const options = { ...{ clock, seed: 1, connection: 0, fresh: true }, up: into("up"), down: into("down"), ...nothing };
  const follower = openFollower(options);
  follower.set(orThrow(readConditions("http-corrupt=100%,both")));
  for (const bytes of inPieces(up, sizes)) follower.up.push(bytes, 0);
  for (const bytes of inPieces(down, sizes)) follower.down.push(bytes, 0);
  if (left) return null;
  follower.up.end("fin", 0);
  follower.down.end("fin", 0);
  return [split(up, out.up).body, split(down, out.down).body];
}

/** The same, by the capture. */
function readAlong(up: string, down: string, sizes: readonly number[]) {
  const recorder = createRecorder();
  const tap = openTap(recorder, edge, newCaller("127.0.0.1:1", null, null), "http", 0);
  tap.connected(0);
  for (const bytes of inPieces(up, sizes)) tap.up(bytes, 0);
  for (const bytes of inPieces(down, sizes)) tap.down(bytes, 0);
  const { ring } = recorder;
  const all = Array.from({ length: ring.newest() }, (_, n) => ring.get(n + 1));
  const requests = all.filter((one): one is HttpExchange => one?.protocol === "http");
  if (requests.length < all.length) return null;
  const bodies = (body: "requestBody" | "responseBody") =>
    requests.map((one) => keptBytes(one[body]).toString("latin1")).join("");
  return [bodies("requestBody"), bodies("responseBody")];
}

function* inPieces(text: string, sizes: readonly number[]): Generator<Buffer> {
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    // Its own: conditions change it.
    yield Buffer.from(bytes.subarray(at, at + size));
    at += size;
  }
}

test("conditions and the capture give up on the same conversations, and find the same bodies in the others", () => {
  const requests = [
    GET,
    post("Content-Length: 5\r\n", "hello"),
    coded("5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n"),
  ];
  const responses = [
    PLAIN,
    chunks("5\r\nhello\r\n3 ;a b\r\nabc\r\n0\r\n\r\n"),
    "HTTP/1.1 304 Not Modified\n\n",
    `${OK}\r\nto the end`,
  ];
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 });
  let both = 0;
  fc.assert(
    fc.property(mutated(requests), mutated(responses), sizes, (asked, answered, some) => {
      // Behind two line ends nothing is left that is only a beginning.
      const up = `${asked}\r\n\r\n`;
      const read = followed(up, answered, some);
      expect(read).toEqual(readAlong(up, answered, some));
      expect(read).toEqual(followed(up, answered, [100_000]));
      if (read !== null) both++;
    }),
    { numRuns: 3_000, seed: 62_893 },
  );
  expect(both).toBeGreaterThan(300);
});
