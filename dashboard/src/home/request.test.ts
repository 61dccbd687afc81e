import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { apiUrl, request, whenLocked } from "./request.ts";

/** The URL of a server that answers as `listener` does. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test("URLs share one prefix and leave out empty values", () => {
  expect(apiUrl("/ports")).toBe("/api/v1/ports");
  expect(apiUrl("/exchanges/rows", { filter: "edge:web→api", parents: "" })).toBe(
    "/api/v1/exchanges/rows?filter=edge%3Aweb%E2%86%92api",
  );
});

test("what hasn't changed is the same object, and isn't sent again", async () => {
  const sent: (string | undefined)[] = [];
  const url = await serve((asked, answer) => {
    sent.push(asked.headers["if-none-match"]);
    if (asked.headers["if-none-match"] === '"1"') answer.writeHead(304).end();
    else answer.writeHead(200, { etag: '"1"' }).end('{"listeners":[]}');
  });
  const first = await request("GET", url, { remember: true });
  expect(first).toEqual({ listeners: [] });
  expect(await request("GET", url, { remember: true })).toBe(first);
  expect(sent).toEqual([undefined, '"1"']);
});

test("a fault of home's is returned as it is; a 401 is reported, too", async () => {
  const error = { fault: "FORBIDDEN", message: "this needs Cove's token", hint: "run: cove open" };
  const url = await serve((_, answer) => answer.writeHead(401).end(JSON.stringify({ error })));
  let locked = 0;
  whenLocked(() => locked++);
  expect(await request("GET", url)).toEqual(error);
  expect(locked).toBe(1);
});

test("no JSON and no home at all are faults with a next step", async () => {
  const url = await serve((_, answer) => answer.writeHead(500).end("null"));
  expect(await request("POST", url, { body: { a: 1 } })).toMatchObject({ fault: "INTERNAL", hint: "run: cove doctor" });
  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const { port } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, "close");
  expect(await request("GET", `http://127.0.0.1:${port}/`)).toMatchObject({ fault: "HOME_UNREACHABLE" });
});
