import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { coveSandbox } from "./support/cove.ts";
import { ask } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

test("cove mock answers from an HTTP archive, by what is no secret in a request", async () => {
  await using sandbox = await coveSandbox();
  const cwd = scratch("archive");
  const entry = (url: string, text: string) => ({
    startedDateTime: "2024-01-01T00:00:00.000Z",
    time: 10,
    request: {
      method: "GET",
      url,
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: [],
      queryString: [],
      headersSize: -1,
      bodySize: 0,
    },
    response: {
      status: 200,
      statusText: "OK",
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: [{ name: "Content-Type", value: "text/plain" }],
      content: { size: text.length, mimeType: "text/plain", text },
      redirectURL: "",
      headersSize: -1,
      bodySize: text.length,
    },
    cache: {},
    timings: { send: 0, wait: 5, receive: 5 },
  });
  const entries = [entry("https://api.example.com/orders?access_token=abc&page=1", "first page")];
  writeFileSync(
    join(cwd, "api.har"),
    JSON.stringify({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries } }),
  );
  const mock = await sandbox.start(["mock", "--from", "api.har", "--name", "pay"], { cwd });
  await mock.waitFor(/pay +api\.har +ready .*http:\/\/pay\.localhost:\d+/);
  const answer = await ask(sandbox.port, "pay.localhost", { path: "/orders?page=1&access_token=xyz" });
  expect([answer.status, answer.body]).toEqual([200, "first page"]);
});
