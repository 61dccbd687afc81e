import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createServer as createHttp2Server, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  Client,
  type ClientReadableStream,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { CAPTURE_ALL } from "../src/capture/edge.ts";
import { type HttpExchange, newPlace } from "../src/capture/exchange.ts";
import { createRecorder } from "../src/capture/recorder.ts";
import { openDoor } from "../src/door/door.ts";
import { createRoutes, type Route } from "../src/door/upstream/routes.ts";
import { orThrow } from "../src/fault/fault.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask } from "./support/door-request.ts";
import { http2Client } from "./support/http2-client.ts";
import { plainRoute } from "./support/plain-route.ts";
import { scratch } from "./support/scratch.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Messages are bytes: what they mean is for the two sides. */
const method = (name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<Buffer, Buffer> => ({
  path: `/test.Calls/${name}`,
  ...{ requestStream, responseStream },
  ...{ requestSerialize: (bytes) => bytes, requestDeserialize: (bytes) => bytes },
  ...{ responseSerialize: (bytes) => bytes, responseDeserialize: (bytes) => bytes },
});
const CALLS = {
  unary: method("unary", false, false),
  client: method("client", true, false),
  server: method("server", false, true),
  both: method("both", true, true),
};
const own = (bytes: Buffer) => bytes;

const answerUnary: handleUnaryCall<Buffer, Buffer> = (call, done) => {
  if (call.request.toString() === "fail") return done({ code: status.NOT_FOUND, details: "no such thing: ü" });
  const first = new Metadata();
  first.set("x-first", String(call.metadata.get("x-asked")[0] ?? ""));
  call.sendMetadata(first);
  const last = new Metadata();
  last.set("x-last", "trailer");
  done(null, call.request, last);
};
const answerClient: handleClientStreamingCall<Buffer, Buffer> = async (call, done) => {
  let sum = 0;
  for await (const message of call) sum += message.length;
  done(null, Buffer.from(String(sum)));
};
/** As many messages as it is asked for, of that size. */
const answerServer: handleServerStreamingCall<Buffer, Buffer> = (call) => {
  const [count = 0, size = 0] = call.request.toString().split(" ").map(Number);
  let n = 0;
  const more = () => {
    while (n < count) if (!call.write(Buffer.alloc(size, String(n++ % 10)))) return void call.once("drain", more);
    call.end();
  };
  more();
};
const answerBoth: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
  call.on("data", (message) => call.write(Buffer.from(`echo ${message}`)));
  call.on("end", () => call.end());
};

async function grpcServer(): Promise<number> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(CALLS, { unary: answerUnary, client: answerClient, server: answerServer, both: answerBoth });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, at) =>
      error ? reject(error) : resolve(at),
    ),
  );
  open.push(() => server.forceShutdown());
  return port;
}

async function doorTo(port: number, more: Partial<Route> = {}) {
  const recorder = createRecorder();
  const routes = createRoutes();
  const capture = {
    ...{ id: "browser→api", stack: "shop", from: "browser", to: "api", origin: null },
    ...{ place: newPlace("shop", "api"), policy: CAPTURE_ALL },
  };
  routes.set("api.localhost", { ...plainRoute("shop/api", { host: "127.0.0.1", port }), capture, ...more });
  const door = orThrow(await openDoor({ port: 0, hosts: ["127.0.0.1"], routes, recorder }));
  open.push(() => door.close());
  return { door, exchange: () => recorder.ring.get(recorder.ring.newest()) as HttpExchange };
}

async function callsThroughDoor() {
  const { door, exchange } = await doorTo(await grpcServer());
  const client = new Client(`127.0.0.1:${door.port}`, credentials.createInsecure(), {
    "grpc.default_authority": `api.localhost:${door.port}`,
    "grpc.max_receive_message_length": -1,
  });
  open.push(() => client.close());
  return { client, exchange };
}

function unary(client: Client, message: Buffer | string, metadata = new Metadata(), deadline = 10_000) {
  return new Promise<{ message: Buffer; first: Metadata; last: Metadata }>((resolve, reject) => {
    let first = new Metadata();
    let answer: Buffer = Buffer.alloc(0);
    const options = { deadline: Date.now() + deadline };
    const call = client.makeUnaryRequest(
      CALLS.unary.path,
      own,
      own,
      Buffer.from(message),
      metadata,
      options,
      (error, value) => {
        if (error !== null) reject(error);
        answer = value ?? answer;
      },
    );
    call.on("metadata", (found) => {
      first = found;
    });
    call.on(
      "status",
      ({ metadata: last, code }) => code === 0 && setImmediate(() => resolve({ message: answer, first, last })),
    );
  });
}

async function all(call: ClientReadableStream<Buffer>): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  for await (const message of call) messages.push(message as Buffer);
  return messages;
}

describe("gRPC through the door", () => {
  test("unary, with metadata before and behind", async () => {
    const { client, exchange } = await callsThroughDoor();
    const metadata = new Metadata();
    metadata.set("x-asked", "yes");
    const { message, first, last } = await unary(client, "hello", metadata);
    expect([String(message), first.get("x-first"), last.get("x-last")]).toEqual(["hello", ["yes"], ["trailer"]]);
    expect(exchange()).toMatchObject({ method: "POST", target: "/test.Calls/unary", status: 200, error: null });
  });

  test.each([0, 1, 70_000, 3_000_000])("unary with a message of %i bytes each way", async (size) => {
    const { client } = await callsThroughDoor();
    const { message } = await unary(client, Buffer.alloc(size, "m"));
    expect(message.length).toBe(size);
  });

  test("a call that fails has the service's status and words", async () => {
    const { client } = await callsThroughDoor();
    const error = (await unary(client, "fail").catch((failed) => failed)) as ServiceError;
    expect([error.code, error.details]).toEqual([status.NOT_FOUND, "no such thing: ü"]);
    const missing = await new Promise<ServiceError | null>((resolve) =>
      client.makeUnaryRequest("/test.Calls/none", own, own, Buffer.alloc(0), (failed) => resolve(failed)),
    );
    expect(missing?.code).toBe(status.UNIMPLEMENTED);
  });

  test("client streaming", async () => {
    const { client } = await callsThroughDoor();
    const sum = new Promise((resolve, reject) => {
      const call = client.makeClientStreamRequest(CALLS.client.path, own, own, (error, value) =>
        error === null ? resolve(String(value)) : reject(error),
      );
      for (let n = 0; n < 500; n++) call.write(Buffer.alloc(2_000));
      call.end();
    });
    expect(await sum).toBe("1000000");
  });

  test("server streaming, beyond every window", async () => {
    const { client } = await callsThroughDoor();
    const messages = await all(client.makeServerStreamRequest(CALLS.server.path, own, own, Buffer.from("300 20000")));
    expect(messages.map(({ length }) => length)).toEqual(Array.from({ length: 300 }, () => 20_000));
    expect(messages.every((message, n) => message[0] === 0x30 + (n % 10))).toBe(true);
  });

  test("both ways, message by message", async () => {
    const { client } = await callsThroughDoor();
    const call = client.makeBidiStreamRequest(CALLS.both.path, own, own);
    for (let n = 0; n < 20; n++) {
      call.write(Buffer.from(`message ${n}`));
      expect(String((await once(call, "data"))[0])).toBe(`echo message ${n}`);
    }
    call.end();
    await once(call, "end");
  });

  test("100 calls at once share one connection to the service", async () => {
    const { client } = await callsThroughDoor();
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => unary(client, `call ${n}`)));
    expect(answers.map(({ message }) => String(message))).toEqual(Array.from({ length: 100 }, (_, n) => `call ${n}`));
  });

  test("a call that its client cancels is cancelled at the service", async () => {
    const { client } = await callsThroughDoor();
    const call = client.makeServerStreamRequest(CALLS.server.path, own, own, Buffer.from("100000 20000"));
    const failed = new Promise<ServiceError>((resolve) => call.on("error", (error) => resolve(error as ServiceError)));
    await once(call, "data");
    call.cancel();
    expect((await failed).code).toBe(status.CANCELLED);
    expect(String((await unary(client, "after")).message)).toBe("after");
  });

  test("a service that is gone is UNAVAILABLE", async () => {
    const { door } = await doorTo(1);
    const client = new Client(`127.0.0.1:${door.port}`, credentials.createInsecure(), {
      "grpc.default_authority": `api.localhost:${door.port}`,
    });
    open.push(() => client.close());
    expect((await unary(client, "x").catch((error) => error)).code).toBe(status.UNAVAILABLE);
  });
});

describe("a service that speaks HTTP/2 without TLS", () => {
  async function h2cService(): Promise<number> {
    const server: Http2Server = createHttp2Server();
    server.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      let size = 0;
      stream.on("data", (part: Buffer) => {
        size += part.length;
      });
      stream.on("end", () => {
        if (headers[":path"] === "/early") stream.additionalHeaders({ ":status": 103, link: "</a.css>" });
        if (headers[":path"] === "/reset") return stream.close(2);
        stream.respond({ ":status": 200, "x-host": headers[":authority"], "x-via": headers.via });
        stream.end(`${headers[":method"]} ${headers[":path"]} ${size}`);
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    open.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  test("is asked so by HTTP/1.1 and HTTP/2, where it is said of it", async () => {
    const { door, exchange } = await doorTo(await h2cService(), { protocol: "h2c" });
    const client = http2Client(door.port);
    open.push(client.close);
    const { body, headers } = await client.ask(
      "api.localhost",
      { ":method": "POST", ":path": "/a" },
      "x".repeat(500_000),
    );
    expect(body).toBe("POST /a 500000");
    expect(headers).toMatchObject({
      "x-host": `api.localhost:${door.port}`,
      "x-via": expect.stringMatching(/^2 cove/),
    });
    const url = `http://127.0.0.1:${door.port}/b`;
    const sent = request(url, { method: "PUT", headers: { host: "api.localhost", "content-length": 5 } });
    sent.end("hello");
    const [response] = await once(sent, "response");
    let text = "";
    for await (const part of response) text += part;
    expect([response.statusCode, text]).toEqual([200, "PUT /b 5"]);
    expect(exchange()).toMatchObject({ method: "PUT", status: 200 });
    expect((await client.ask("api.localhost", { ":path": "/early" })).interim).toMatchObject([{ ":status": 103 }]);
    expect(await client.ask("api.localhost", { ":path": "/reset" })).toMatchObject({ status: 502 });
    expect(await client.ask("api.localhost", { ":method": "HEAD" })).toMatchObject({ status: 200, body: "" });
  });

  test("one that speaks HTTP/1.1 alone is a 502, not a wait without end", async () => {
    const server = createServer((_, res) => res.end("one"));
    await once(server.listen(0, "127.0.0.1"), "listening");
    open.push(() => server.close());
    const { door } = await doorTo((server.address() as AddressInfo).port, { protocol: "h2c" });
    const client = http2Client(door.port);
    open.push(client.close);
    expect(await client.ask("api.localhost")).toMatchObject({ status: 502 });
  });

  test("is one by its config, through a real home", { timeout: 120_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("shop");
    writeFileSync(
      join(cwd, "api.mjs"),
      `import { createServer } from "node:http2";
       createServer((_, res) => res.end("over h2c")).listen(process.env.PORT, process.env.HOST);`,
    );
    const services = { api: { command: "node api.mjs", protocol: "h2c" } };
    writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "shop", services }));
    expect(await sandbox.cove(["up", "-d"], { cwd })).toMatchObject({ code: 0 });
    expect((await ask(sandbox.port, "api.shop.localhost")).body).toBe("over h2c");
    const client = http2Client(sandbox.port);
    open.push(client.close);
    expect((await client.ask("api.shop.localhost")).body).toBe("over h2c");
  });
});
