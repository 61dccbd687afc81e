import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import type { Har } from "har-format";
import { expect, test } from "vitest";
import { keptBytes } from "../capture/body.ts";
import { edgeFixture, type SaidHttp, scene } from "../capture/exchange.fixture.ts";
import type { HttpExchange } from "../capture/exchange.ts";
import { curlOf, fetchOf } from "./copy-as.ts";
import { detailOf } from "./detail.ts";
import { harText } from "./har/export.ts";
import { withoutCredentials } from "./recording/without-credentials.ts";
import { summaryOf } from "./summary.ts";
import { titleOf } from "./title.ts";

/** No words of its own: whatever holds this was said by the service. */
const secret = fc.stringMatching(/^Zq[A-Za-z0-9]{10,30}zQ$/);
const name = fc.constantFrom("password", "access_token", "apiKey", "client_secret", "x-internal-id", "Session-Id");

type Plant = (secret: string, name: string) => SaidHttp;
const typed = (type: string) => [`Content-Type: ${type}`];
const both = (type: string, body: string | Buffer, ...more: string[]): SaidHttp => ({
  method: "POST",
  headers: [...typed(type), ...more],
  body,
  responseHeaders: [...typed(type), ...more],
  responseBody: body,
});
const multipart = (key: string, value: string, type = "") =>
  `--b\r\nContent-Disposition: form-data; name="${key}"\r\n${type}\r\n${value}\r\n--b--\r\n`;

/** Every way in which a credential comes along. */
const PLANTS: Readonly<Record<string, Plant>> = {
  authorization: (s) => ({ headers: [`Authorization: Bearer ${s}`], responseHeaders: [`Proxy-Authorization: ${s}`] }),
  basic: (s) => ({ headers: [`Authorization: Basic ${Buffer.from(`ann:${s}`).toString("base64")}`] }),
  cookies: (s) => ({ headers: [`Cookie: a=1; b=${s}; ${s}`], responseHeaders: [`Set-Cookie: b=${s}; Path=/`] }),
  header: (s, n) => ({ headers: [`${n}: ${s}`], responseHeaders: [`${n.toUpperCase()}: ${s}`] }),
  query: (s, n) => ({ target: `/a?b=1&${n}=${s}`, responseHeaders: [`Location: https://a/cb?code=${s}&x=1`] }),
  nested: (s, n) => ({
    target: `/a?to=${encodeURIComponent(`https://a/?${n}=${s}&c=${encodeURIComponent(`/?sig=${s}`)}`)}`,
  }),
  queryJson: (s, n) => ({ target: `/a?filter=${encodeURIComponent(JSON.stringify({ [n]: s }))}` }),
  url: (s) => ({ target: `/proxy?of=http://ann:${s}@host/x`, headers: [`Referer: http://ann:${s}@host/`] }),
  json: (s, n) => both("application/json", JSON.stringify({ user: { [n]: s, list: [{ [n]: { deep: [s] } }] } })),
  jsonPretty: (s, n) => both("application/problem+json", JSON.stringify({ [n]: s }, null, 2)),
  jsonInJson: (s, n) => both("application/json", JSON.stringify({ text: JSON.stringify({ [n]: s }) })),
  jsonEscaped: (s, n) =>
    both("application/json", `{"\\u${n.charCodeAt(0).toString(16).padStart(4, "0")}${n.slice(1)}":"${s}"}`),
  jsonCut: (s, n) => ({ ...both("application/json", `{"a":1,"${n}":"${s}`.padEnd(200, "x")), most: 60 }),
  jsonLines: (s, n) => both("application/x-ndjson", `{"a":1}\n{"${n}":"${s}"}\n`),
  fragment: (s) => ({ responseHeaders: [`Location: https://app/cb#access_token=${s}&state=1`] }),
  urlWithAt: (s) => ({ headers: [`Referer: http://ann:x@${s}@host/`] }),
  formInJson: (s) =>
    both("application/json", JSON.stringify({ sent: `client_secret=${s}&a=b`, log: `in password=${s} ok` })),
  graphqlBlock: (s) => both("application/graphql", `mutation { login(password: """${s}""") { id } }`),
  template: (s) => both("text/javascript", `login({ password: \`${s}\` })`),
  cdata: (s) => both("text/xml", `<wsse:Password Type="x"><![CDATA[${s}]]></wsse:Password>`),
  escaped: (s) => both("text/html", `<div data-page="{&quot;token&quot;:&quot;${s}&quot;}"></div>`),
  jsonFragment: (s, n) => both("application/json", `"a":1,"${n}":"${s}"`),
  jsonBroken: (s, n) => both("application/json", `{"a":"b" "${n}":"${s}"} ["${n}":"${s}"]`),
  json5: (s, n) => both("application/json", `{'a': 1, '${n}': '${s}', token: '${s}'}`),
  notJson: (s) => both("application/json", `[INFO] login with password=${s}`),
  bracketLog: (s) => both("text/plain", `[2024] login with password=${s}, "token": "${s}"`),
  jsonAsText: (s, n) => both("text/plain", `{"${n}":"${s}"}`),
  jsonUntyped: (s, n) => ({ method: "POST", body: `{"${n}":"${s}"}`, responseBody: `{"${n}":"${s}"}` }),
  jsonUtf16: (s, n) => both("application/json; charset=utf-16le", Buffer.from(`{"${n}":"${s}"}`, "utf16le")),
  gzip: (s, n) => both("application/json", gzipSync(`{"${n}":"${s}"}`), "Content-Encoding: gzip"),
  gzipBr: (s, n) => both("text/plain", brotliCompressSync(gzipSync(`${n}=${s}`)), "Content-Encoding: gzip, br"),
  form: (s, n) => both("application/x-www-form-urlencoded", `user=ann&${n}=${s}&code=${s}`),
  formJson: (s, n) => both("application/x-www-form-urlencoded", `payload=${encodeURIComponent(`{"${n}":"${s}"}`)}`),
  multipart: (s, n) => both("multipart/form-data; boundary=b", multipart(n, s)),
  multipartJson: (s, n) =>
    both("multipart/form-data; boundary=b", multipart("file", `{"${n}":"${s}"}`, "Content-Type: application/json\r\n")),
  graphqlVariables: (s, n) =>
    both("application/json", JSON.stringify({ query: "query A { b }", variables: { input: { [n]: s } } })),
  graphqlInline: (s) =>
    both("application/json", JSON.stringify({ query: `mutation { login(password: "${s}", u: "a") { id } }` })),
  graphqlRaw: (s) => both("application/graphql", `mutation { login(password: "${s}") { id } }`),
  events: (s, n) => both("text/event-stream", `event: a\ndata: {"${n}":"${s}"}\n\ndata: ${n}=${s}\n\n`),
  xml: (s, n) => both("application/xml", `<a ${n}="${s}"><${n}>${s}</${n}></a>`),
  html: (s) => both("text/html", `<input type=password value="${s}"><a href="/x?token=${s}">`),
  script: (s) => both("text/javascript", `const config = { apiKey: "${s}" }; f('https://a/?key=${s}')`),
  yaml: (s, n) => both("text/yaml", `a: 1\n${n}: ${s} and ${s}\n`),
  log: (s) => both("text/plain", `login ok password=${s} Authorization: Bearer ${s}`),
  bytes: (s, n) => both("application/octet-stream", Buffer.from(`\0\x01${n}=${s}\xff`, "latin1")),
  grpc: (s) => {
    const text = Buffer.from(`https://a/?token=${s}`);
    const message = Buffer.concat([Buffer.from([0x0a, text.length]), text]);
    return both("application/grpc-web+proto", Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
  },
};

test.each(Object.entries(PLANTS))(
  "a credential in %s is nowhere in the detail, unless it is revealed",
  async (form, plant) => {
    await fc.assert(
      fc.asyncProperty(secret, name, async (hidden, key) => {
        const exchange = scene(edgeFixture("web", "api", ["x-internal-*"])).http(plant(hidden, key));
        const summary = summaryOf(exchange, titleOf(exchange), []);
        const detail = await detailOf(exchange, summary);
        const said = JSON.stringify(detail);
        for (const way of [hidden, Buffer.from(`ann:${hidden}`).toString("base64")]) expect(said).not.toContain(way);
        for (const view of [detail.http?.request, detail.http?.response]) {
          expect(Buffer.from(view?.base64 ?? "", "base64").toString("latin1")).not.toContain(hidden);
        }
        expect(detail.redacted).toBeGreaterThan(0);
        if (["basic", "bytes", "jsonCut"].includes(form)) return;
        expect(JSON.stringify(await detailOf(exchange, summary, { reveal: true })).replaceAll("\\", "")).toContain(
          hidden,
        );
      }),
      { numRuns: 12 },
    );
  },
);

test.each(Object.entries(PLANTS))("a credential in %s is in no archive, no command, no recording", async (_, plant) => {
  await fc.assert(
    fc.asyncProperty(secret, name, async (hidden, key) => {
      const exchange = scene(edgeFixture("web", "api", ["x-internal-*"])).http(plant(hidden, key));
      let har = "";
      for await (const piece of harText([exchange], { version: "1" })) har += piece;
      const recorded = withoutCredentials(exchange) as HttpExchange;
      const bodies = [recorded.requestBody, recorded.responseBody].map((body) => keptBytes(body));
      const all = [har, await curlOf(exchange, false), await fetchOf(exchange, false)];
      all.push(recorded.target, recorded.requestHead, recorded.responseHead ?? "");
      for (const body of bodies) all.push(body.toString("latin1"), unzipped(body), body.toString("utf16le"));
      const { content } = (JSON.parse(har) as Har).log.entries[0]?.response ?? {};
      if (content?.encoding === "base64") all.push(Buffer.from(content.text ?? "", "base64").toString("latin1"));
      for (const said of all) {
        expect(said).not.toContain(hidden);
        expect(said).not.toContain(Buffer.from(`ann:${hidden}`).toString("base64"));
      }
      for (const [, encoded = ""] of har.matchAll(/"([A-Za-z0-9+/]{16,}={0,2})"/g)) {
        expect(Buffer.from(encoded, "base64").toString("latin1")).not.toContain(hidden);
      }
    }),
    { numRuns: 12 },
  );
});

function unzipped(bytes: Buffer): string {
  try {
    return gunzipSync(bytes).toString("latin1");
  } catch {
    return "";
  }
}

test("what holds no credential is recorded as it came", () => {
  const body = gzipSync('{"id":1,"name":"ann"}');
  const exchange = scene().http({
    ...{ method: "POST", headers: ["Content-Type: text/plain"], body: "a=1" },
    responseHeaders: ["Content-Type: application/json", "Content-Encoding: gzip"],
    responseBody: body,
  });
  expect(withoutCredentials(exchange)).toEqual(exchange);
});

test("what is too large to be searched is left out behind what was", async () => {
  const long = `${"a line of a log\n".repeat(200_000)}password=hunter2\n`;
  const big = { headers: typed("text/plain"), responseHeaders: typed("text/plain"), most: 8_000_000 };
  const exchange = scene().http({ method: "POST", ...big, body: long, responseBody: `{"a":"${long}"}` });
  let har = "";
  for await (const piece of harText([exchange], { version: "1" })) har += piece;
  const recorded = withoutCredentials(exchange) as HttpExchange;
  for (const text of [har, keptBytes(recorded.requestBody).toString(), await curlOf(exchange, false)]) {
    expect(text).not.toContain("hunter2");
  }
  expect(har).toContain("only its beginning");
  expect(recorded.requestBody?.keptSize).toBeLessThan(recorded.requestBody?.size ?? 0);
  const zipped = { ...big, responseHeaders: [...typed("application/json"), "Content-Encoding: gzip"] };
  const bomb = scene().http({ ...zipped, responseBody: gzipSync(`["${long}"]`) });
  expect(keptBytes((withoutCredentials(bomb) as HttpExchange).responseBody)).toHaveLength(0);
});

test("credentials in messages, queries and commands are hidden", async () => {
  const said = scene();
  const socket = said.http({ status: 101 });
  socket.messages = {
    total: 3,
    kept: [
      ...[`{"token":"hunter2"}`, "password=hunter2"].map((text) => {
        const data = Buffer.from(text);
        return { way: "up" as const, at: 1, kind: "text" as const, size: data.length, data };
      }),
      { way: "down", at: 2, kind: "binary", size: 20, data: Buffer.from("\0password=hunter2") },
    ],
  };
  const query = said.postgres("UPDATE users SET password = $1, pin = 'hunter2'", {
    params: ["hunter2"],
    columns: ["api_key"],
    rows: [["hunter2"]],
  });
  const command = said.redis("AUTH", ["hunter2"]);
  for (const exchange of [socket, query, command]) {
    const detail = await detailOf(exchange, summaryOf(exchange, titleOf(exchange), []));
    expect(JSON.stringify(detail)).not.toContain("hunter2");
    expect(JSON.stringify(detail)).not.toContain(Buffer.from("hunter2").toString("base64").slice(0, 8));
    expect(detail.redacted).toBeGreaterThan(0);
    const { edge: _, ...recorded } = withoutCredentials(exchange);
    expect(JSON.stringify(recorded)).not.toContain("hunter2");
    const sent = "messages" in recorded ? (recorded.messages?.kept ?? []) : [];
    for (const { data } of sent) expect(data.toString("latin1")).not.toContain("hunter2");
  }
  const failed = said.postgres("SELECT 1", { error: { code: "28P01", message: "no postgres://ann:hunter2@h/db" } });
  expect(JSON.stringify(await detailOf(failed, summaryOf(failed, "", [])))).not.toContain("hunter2");
});
