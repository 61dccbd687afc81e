import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { viewFixture } from "./view.fixture.ts";

const type = (name: string) => [`Content-Type: ${name}`];

test("a form's fields are read, and it is counted what is hidden", async () => {
  const view = await viewFixture(
    "name=Ann+M%C3%BCller&password=hunter2&empty=&flag&bad=%zz",
    type("application/x-www-form-urlencoded"),
  );
  expect(view.form).toBe("form");
  expect(view.fields).toEqual([
    ["name", "Ann Müller"],
    ["password", "••••"],
    ["empty", ""],
    ["flag", ""],
    ["bad", "%zz"],
  ]);
  expect(view.raw).toBe("name=Ann+M%C3%BCller&password=••••&empty=&flag&bad=%zz");
});

test("multipart: parts with names, files and sizes", async () => {
  const lines = [
    ...["--xyz", 'Content-Disposition: form-data; name="title"', "", "Größe", "--xyz"],
    ...[
      'Content-Disposition: form-data; name="file"; filename="a.json"',
      "Content-Type: application/json",
      "",
      '{"pin":1234}',
    ],
    ...["--xyz", 'Content-Disposition: form-data; name="password"', "", "hunter2", "--xyz"],
    ...[
      'Content-Disposition: form-data; name="pic"; filename="p.png"',
      "Content-Type: image/png",
      "",
      "\x89PNG\0",
      "--xyz--",
      "",
    ],
  ];
  const body = Buffer.from(lines.join("\r\n"));
  const view = await viewFixture(body, type('multipart/form-data; boundary="xyz"'));
  expect(view.form).toBe("multipart");
  expect(view.problem).toBeNull();
  expect(view.parts).toEqual([
    { name: "title", filename: null, type: "text/plain", size: 7, text: "Größe" },
    { name: "file", filename: "a.json", type: "application/json", size: 12, text: '{"pin":"••••"}' },
    { name: "password", filename: null, type: "text/plain", size: 7, text: "••••" },
    { name: "pic", filename: "p.png", type: "image/png", size: 6, text: null },
  ]);
  const open = await viewFixture(body.subarray(0, 120), type("multipart/form-data; boundary=xyz"));
  expect(open.problem).toBe("the closing boundary is missing");
});

test("GraphQL: operation, query and variables", async () => {
  const query =
    'query Orders($first: Int = 10, $by: [Sort!]!) { orders(first: $first, filter: {state: OPEN, note: "a, {b}"}) @include(if: $x) { id total: amount(unit: "EUR") ...Parts ... on Paid { at } } } fragment Parts on Order { parts { name } }';
  const view = await viewFixture(
    JSON.stringify({ operationName: "Orders", query, variables: { first: 3, token: "t" } }),
    type("application/json"),
  );
  expect(view.form).toBe("graphql");
  expect(view.graphql).toEqual({
    ...{ operation: "Orders", kind: "query" },
    variables: '{\n  "first": 3,\n  "token": "••••"\n}',
    query: `query Orders($first: Int = 10, $by: [Sort!]!) {
  orders(first: $first, filter: { state: OPEN, note: "a, {b}" }) @include(if: $x) {
    id
    total: amount(unit: "EUR")
    ...Parts
    ... on Paid {
      at
    }
  }
}

fragment Parts on Order {
  parts {
    name
  }
}`,
  });
  const plain = await viewFixture(
    'mutation { login(user: "ann", password: "hunter2") { ok } }',
    type("application/graphql"),
  );
  expect(plain.graphql).toMatchObject({ kind: "mutation", operation: null });
  expect(plain.text).toContain('login(user: "ann", password: "••••")');
  const other = await viewFixture('{"query":"shoes"}', type("application/json"));
  expect(other.form).toBe("json");
});

test("gRPC-web: frames, fields without their schema, trailers", async () => {
  // 1: 150, 2: "testing", 3: { 1: "inner" }, 4: 1.5 as a double
  const message = Buffer.from(
    "0896011207" +
      Buffer.from("testing").toString("hex") +
      "1a070a05" +
      Buffer.from("inner").toString("hex") +
      "21000000000000f83f",
    "hex",
  );
  const frame = (flags: number, payload: Buffer) => {
    const head = Buffer.alloc(5);
    head[0] = flags;
    head.writeUInt32BE(payload.length, 1);
    return Buffer.concat([head, payload]);
  };
  const trailers = Buffer.from("grpc-status: 0\r\nauthorization: Bearer abc\r\n");
  const body = Buffer.concat([frame(0, message), frame(1, gzipSync(message)), frame(0x80, trailers)]);
  const shown = '1: 150\n2: "testing"\n3: {\n  1: "inner"\n}\n4: 1.5';
  const view = await viewFixture(body, type("application/grpc-web+proto"));
  expect(view.form).toBe("grpc-web");
  expect(view.problem).toBeNull();
  expect(view.frames).toEqual([
    { kind: "message", compressed: false, size: message.length, text: shown },
    { kind: "message", compressed: true, size: gzipSync(message).length, text: shown },
    { kind: "trailers", compressed: false, size: trailers.length, text: "grpc-status: 0\nauthorization: Bearer ••••" },
  ]);
  const text = frame(0, message).toString("base64") + frame(0x80, trailers).toString("base64");
  const asText = await viewFixture(text, type("application/grpc-web-text"));
  expect(asText.frames?.map(({ kind }) => kind)).toEqual(["message", "trailers"]);
  expect(asText.frames?.[0]?.text).toBe(shown);
});

test("server-sent events", async () => {
  const body =
    ': hello\n\nevent: order\nid: 7\ndata: {"id":1,\ndata: "token":"x"}\n\nretry: 500\ndata: plain\r\n\r\ndata: unfinished';
  const view = await viewFixture(body, type("text/event-stream"));
  expect(view.events).toEqual([
    { event: "order", id: "7", data: '{"id":1,\n"token":"••••"}', retry: null },
    { event: "message", id: "7", data: "plain", retry: 500 },
    { event: "message", id: "7", data: "unfinished", retry: null },
  ]);
});

test("images: base64 and dimensions", async () => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==",
    "base64",
  );
  expect(await viewFixture(png, type("image/png"))).toMatchObject({
    ...{ form: "image", dimensions: { width: 3, height: 2 }, base64: png.toString("base64"), text: null },
  });
  expect(await viewFixture(png)).toMatchObject({ form: "image", type: "" });
  const gif = Buffer.from("R0lGODlhAQACAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAIAAAICRAEAOw==", "base64");
  expect((await viewFixture(gif, type("image/gif"))).dimensions).toEqual({ width: 1, height: 2 });
  const jpeg = Buffer.from("ffd8ffe000104a46494600010100000100010000ffc0001108000a001403012200021101031101ffd9", "hex");
  expect((await viewFixture(jpeg, type("image/jpeg"))).dimensions).toEqual({ width: 20, height: 10 });
  const svg = await viewFixture('<svg xmlns="http://www.w3.org/2000/svg"/>', type("image/svg+xml"));
  expect(svg.text).toContain("<svg");
  const cut = await viewFixture(png, type("image/png"), 40);
  expect(cut).toMatchObject({ base64: null, dimensions: { width: 3, height: 2 } });
});

test.each([
  ["text/html", "<!doctype html><p>Hi</p>", "html"],
  ["application/atom+xml", "<feed/>", "xml"],
  ["text/css", "a { color: red }", "css"],
  ["text/javascript; charset=utf-8", "const token = readToken();", "javascript"],
  ["text/csv", "a,b", "text"],
])("%s is shown as it stands", async (name, body, form) => {
  expect(await viewFixture(body, type(name))).toMatchObject({ form, text: body, raw: body });
});

test.each([
  ['{"a":1}', "json"],
  ["[]", "json"],
  ["<!DOCTYPE html>", "html"],
  ["<?xml version='1.0'?><a/>", "xml"],
  ["data: x\n\n", "sse"],
  ["plain words", "text"],
  ["BMW drives", "text"],
  ["\x01\x02\x03", "binary"],
])("without a type %j is %s", async (body, form) => {
  expect((await viewFixture(body)).form).toBe(form);
  expect((await viewFixture(body, type("application/octet-stream"))).form).toBe(form);
});

test("charsets: stated, marked, told inside, guessed", async () => {
  const latin = Buffer.from("Stra\xdfe", "latin1");
  expect((await viewFixture(latin, type("text/plain; charset=ISO-8859-1"))).text).toBe("Straße");
  expect((await viewFixture(latin, type("text/plain"))).text).toBe("Straße");
  expect((await viewFixture(Buffer.from("\ufeffhé", "utf16le"), type("text/plain"))).text).toBe("hé");
  const page = Buffer.concat([Buffer.from('<meta charset="shift_jis">'), Buffer.from("8abf8e9a", "hex")]);
  expect((await viewFixture(page, type("text/html"))).text).toContain("漢字");
  expect((await viewFixture("ä", type("text/plain; charset=nonsense"))).text).toBe("ä");
  expect((await viewFixture(Buffer.from("aä").subarray(0, 2), type("text/plain"))).text).toBe("a");
});

test("bytes are shown as hex, with the text beside it", async () => {
  const view = await viewFixture(Buffer.from("\0\x01Hello, world: \xff\xfe", "latin1"), type("application/x-thing"));
  expect(view.form).toBe("binary");
  expect(view.text?.split("\n")).toEqual([
    "00000000  00 01 48 65 6c 6c 6f 2c  20 77 6f 72 6c 64 3a 20  |..Hello, world: |",
    "00000010  ff fe                                             |..|",
  ]);
  expect(Buffer.from(view.base64 ?? "", "base64")).toHaveLength(18);
});

test("whatever bytes come under whatever name, there is a view", async () => {
  const types = fc.constantFrom(
    ...[
      "application/json",
      "application/graphql",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=-",
    ],
    ...[
      "application/grpc-web",
      "application/grpc-web-text",
      "text/event-stream",
      "image/png",
      "image/jpeg",
      "image/webp",
    ],
    ...["image/svg+xml", "text/html", "text/xml", "text/css", "text/plain", "text/plain; charset=utf-16le", "", "x"],
  );
  const pieces = fc.constantFrom(
    '{"',
    '"',
    "\\",
    "[",
    "--",
    "--\r\n\r\n",
    "\r\n",
    "data:",
    "\0\0\0\0\x05",
    "=",
    "&",
    "%",
    "\x12\x03",
    "RIFF",
    "WEBPVP8X",
    "query {",
    "\xff\xd8\xff\xc0",
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }).map((some) => Buffer.from(some)),
    fc.array(pieces, { maxLength: 20 }).map((some) => Buffer.from(some.join(""), "latin1")),
  );
  await fc.assert(
    fc.asyncProperty(bytes, types, fc.nat(120), async (content, name, most) => {
      const view = await viewFixture(content, type(name), most);
      expect(view.size).toBe(content.length);
      expect(view.form).toMatch(/^[a-z-]+$/);
    }),
    { numRuns: 300 },
  );
});
