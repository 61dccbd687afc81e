import { readFileSync } from "node:fs";
import { request } from "node:http";
import { expect, test } from "vitest";
import { freePorts } from "../../test/support/free-port.ts";
import { orThrow } from "../fault/fault.ts";
import { openToxiproxy } from "./server.ts";

/**
 * One request and what Toxiproxy 2.12.0 answered to it, asked one after another. `{P0}` … are free ports, `{ANY}` one that the
 * system chose, `{MORE}` words of Cove's own.
 */
interface Recorded {
  readonly ask: string;
  readonly body?: string;
  readonly agent?: string;
  readonly status: number;
  readonly type: string;
  /** It carried X-Toxiproxy-Request-Id. */
  readonly id: boolean;
  readonly text: string;
}

const RECORDED = readFileSync(new URL("recorded-answers.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line): Recorded => JSON.parse(line));

function ask(port: number, { ask, body, agent = "test" }: Recorded): Promise<Omit<Recorded, "ask">> {
  const [method = "", path = ""] = ask.split(" ");
  return new Promise((resolve, reject) => {
    const headers = { "user-agent": agent, ...(body !== undefined && { "content-length": Buffer.byteLength(body) }) };
    const asked = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => {
        const { "content-type": type = "", "x-toxiproxy-request-id": id } = response.headers;
        resolve({ status: response.statusCode ?? 0, type, id: /^[0-9a-v]{20}$/.test(String(id)), text });
        expect(response.headers["x-content-type-options"]).toBe(type.startsWith("text/plain") ? "nosniff" : undefined);
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

test("answers as Toxiproxy 2.12.0 did to some 150 requests in a row", async () => {
  const server = orThrow(await openToxiproxy({ port: 0 }));
  const ports = await freePorts(8);
  const fill = (text: string) =>
    text
      .replace(/\{P(\d)\}/g, (_, n) => String(ports[Number(n)]))
      .replaceAll("{UP}", String(ports[7]))
      .replaceAll("{UP+1}", String(ports[7]));
  try {
    for (const recorded of RECORDED) {
      const { body, ask: asked } = recorded;
      const got = await ask(server.address.port, { ...recorded, ...(body !== undefined && { body: fill(body) }) });
      const { status, type, id } = recorded;
      expect({ asked, body, ...got, text: "" }).toEqual({ asked, body, status, type, id, text: "" });
      const pattern = fill(recorded.text)
        .replace(/[.*+?^$()|[\]\\]/g, "\\$&")
        .replaceAll("{ANY}", "\\d+")
        .replaceAll("{MORE}", ".*")
        .replace(/[{}]/g, "[$&]");
      expect(got.text, `${asked} ${body ?? ""}`).toMatch(new RegExp(`^${pattern}$`, "s"));
    }
  } finally {
    await server.close();
  }
});
