import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConditions } from "../../conditions/text.ts";
import { orThrow } from "../../fault/fault.ts";
import { openRelay, type Relay } from "./relay.ts";

/** A request and its response, as bytes that a program might send. */
interface Turn {
  readonly asked: Buffer;
  readonly answered: Buffer;
  /** The response's end is the connection's. */
  readonly closes: boolean;
}

const bytes = (most: number) => fc.uint8Array({ maxLength: most }).map((all) => Buffer.from(all));
const text = (value: string) => Buffer.from(value, "latin1");

/** A body in some framing, with the fields that say so. */
const framed = fc.oneof(
  bytes(3_000).map((body) => ({ fields: `Content-Length: ${body.length}\r\n`, body })),
  fc.record({ chunks: fc.array(bytes(800), { maxLength: 5 }), trailer: fc.boolean() }).map(({ chunks, trailer }) => ({
    fields: "transfer-encoding: chunked\r\n",
    body: Buffer.concat([
      ...chunks
        .filter(({ length }) => length > 0)
        .map((one) => Buffer.concat([text(`${one.length.toString(16)};a=b\r\n`), one, text("\r\n")])),
      text(trailer ? "0\r\nx-sum: 1\r\n\r\n" : "0\r\n\r\n"),
    ]),
  })),
);
const none = { fields: "", body: Buffer.alloc(0) };
const more = fc.constantFrom(
  "",
  "X-A: b\r\n",
  "Cookie: a=b; c=d\r\nAccept: */*\r\n",
  `X-Long: ${"z".repeat(5_000)}\r\n`,
);

const turn: fc.Arbitrary<Turn> = fc
  .record({
    method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "PROPFIND"),
    path: fc.constantFrom("/", "/a/b?c=d", "/%20x", "*"),
    up: fc.option(framed, { nil: none }),
    down: framed,
    fields: more,
    early: fc.constantFrom("", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    status: fc.constantFrom("200 OK", "404 Not Found", "204 No Content", "304 Not Modified", "200"),
    framing: fc.constantFrom("as said", "as said", "as said", "close"),
    // Nobody may follow these; they pass all the same.
    strange: fc.constantFrom("", "", "", "", "", "both", "folded", "garbage"),
  })
  .map(({ method, path, up, down, fields, early, status, framing, strange }) => {
    const target = path === "*" ? "/" : path;
    const odd = strange === "folded" ? "X-F: a\r\n b\r\n" : strange === "both" ? "Content-Length: 0\r\n" : "";
    const asked = Buffer.concat([
      text(`${method} ${target} HTTP/1.1\r\nHost: a.localhost\r\n${fields}${odd}${up.fields}\r\n`),
      up.body,
    ]);
    const bodiless = method === "HEAD" || /^(204|304)/.test(status);
    const closes = framing === "close" && !bodiless;
    const said = closes ? "Connection: close\r\n" : status.startsWith("204") ? "" : down.fields;
    const head = text(`HTTP/1.1 ${status}\r\n${fields}${said}\r\n`);
    const answered = Buffer.concat([text(early), head, bodiless ? Buffer.alloc(0) : down.body]);
    return { asked, answered: strange === "garbage" ? Buffer.concat([answered, text("\0garbage")]) : answered, closes };
  });

let script: { turns: Turn[]; pieces: number[] } = { turns: [], pieces: [1] };
let heard: Buffer[] = [];
let relay: Relay;
const ends: (() => void)[] = [];

/** Writes in pieces of these sizes, in turns of the event loop. */
async function write(socket: Socket, all: Buffer, pieces: readonly number[]): Promise<void> {
  let n = 0;
  for (let at = 0; at < all.length; n++) {
    const size = pieces[n % pieces.length] ?? 1;
    socket.write(all.subarray(at, at + size));
    at += size;
    if (n % 3 === 0) await setImmediate();
  }
}

beforeAll(async () => {
  // Answers each request when all its bytes are there, whatever they mean.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const { turns, pieces } = script;
    let there = 0;
    let answered = 0;
    let due = 0;
    let writing = Promise.resolve();
    socket.on("error", () => {});
    socket.on("end", () => void writing.then(() => socket.end()));
    socket.on("data", (chunk: Buffer) => {
      heard.push(chunk);
      there += chunk.length;
      for (let next = turns[answered]; next !== undefined && there >= due + next.asked.length; next = turns[answered]) {
        due += next.asked.length;
        answered++;
        const { answered: bytes, closes } = next;
        writing = writing.then(() => write(socket, bytes, pieces)).then(() => void (closes && socket.end()));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  relay = orThrow(
    await openRelay({ listen: { host: "127.0.0.1", port: 0 }, to: () => ({ host: "127.0.0.1", port }), seed: 1 }),
  );
  ends.push(
    () => server.close(),
    () => void relay.close(),
  );
});
afterAll(() => {
  for (const end of ends) end();
});

test.each([
  ["http-status=500,path=/never http-drop,path=/never http-corrupt,path=/never,both ws-drop,path=/never", "set"],
  ["http-status=500,method=NEVER latency=1±1,both slice=100±50", "set"],
  ["http-abort,probability=0%,both http-slow=1B/s,probability=0%", "set and taken off again and again"],
])("%s, %s: conversations are the same byte for byte", { timeout: 120_000 }, async (given, how) => {
  const conditions = orThrow(readConditions(given));
  const conversation = fc.record({
    turns: fc.array(turn, { minLength: 1, maxLength: 6 }),
    pieces: fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 8 }),
    pipelined: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(conversation, async ({ turns: all, pieces: some, pipelined }) => {
      // What comes after a close is nobody's business.
      const last = all.findIndex(({ closes }) => closes);
      const turns = last < 0 ? all : all.slice(0, last + 1);
      const longest = Math.max(...turns.flatMap(({ asked, answered }) => [asked.length, answered.length]));
      // Not more than some hundred pieces.
      const pieces = some.map((size) => Math.max(size, Math.ceil(longest / 200)));
      script = { turns, pieces };
      heard = [];
      relay.setConditions(conditions);
      const toggling =
        how === "set"
          ? undefined
          : setInterval(() => relay.setConditions(relay.conditions().length === 0 ? conditions : []), 1);
      const socket = connect(relay.address);
      socket.on("error", () => {});
      const got: Buffer[] = [];
      let there = 0;
      let arrived = () => {};
      socket.on("data", (chunk: Buffer) => {
        got.push(chunk);
        there += chunk.length;
        arrived();
      });
      const closed = new Promise((resolve) => socket.once("close", resolve));
      if (pipelined) await write(socket, Buffer.concat(turns.map(({ asked }) => asked)), pieces);
      let due = 0;
      for (const { asked, answered } of turns) {
        if (!pipelined) await write(socket, asked, pieces);
        due += answered.length;
        const whole = due;
        await new Promise<void>((resolve) => {
          arrived = () => void (there >= whole && resolve());
          arrived();
          void closed.then(() => resolve());
        });
      }
      socket.end();
      await closed;
      clearInterval(toggling);
      expect(Buffer.concat(heard).equals(Buffer.concat(turns.map(({ asked }) => asked)))).toBe(true);
      expect(Buffer.concat(got).equals(Buffer.concat(turns.map(({ answered }) => answered)))).toBe(true);
    }),
    { numRuns: 150, seed: 7 },
  );
});
