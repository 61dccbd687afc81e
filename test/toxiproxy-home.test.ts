import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Toxiproxy } from "toxiproxy-node-client";
import { expect, test } from "vitest";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

/** A web service that asks an api. */
function project(): string {
  const cwd = scratch("toxiproxy");
  const listen = "listen(process.env.PORT, process.env.HOST)";
  writeFileSync(join(cwd, "api.js"), `require('http').createServer((_, res) => res.end('api')).${listen}`);
  writeFileSync(
    join(cwd, "web.js"),
    `require('http').createServer(async (_, res) => { try { res.end('web ' + await (await fetch(process.env.API_URL)).text()) } catch (e) { res.writeHead(500).end(e.cause?.code ?? 'failed') } }).${listen}`,
  );
  const services = { api: { command: ["node", "api.js"] }, web: { command: ["node", "web.js"], needs: ["api"] } };
  writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "quay", services }));
  return cwd;
}

test("a Toxiproxy client shapes the edges of a stack, in home", { timeout: 120_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = project();
  expect((await sandbox.cove(["up", "-d"], { cwd })).code).toBe(0);
  const web = () => ask(sandbox.port, "web.quay.localhost");
  const shape = async () => {
    const { stdout } = await sandbox.cove(["shape", "web:api", "--json"], { cwd });
    return JSON.parse(stdout).edges[0].shape?.text ?? null;
  };
  const opened = JSON.parse((await sandbox.cove(["toxiproxy", "--home", "--port", "0", "--json"])).stdout);
  expect(opened.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await sandbox.cove(["toxiproxy", "--home"])).stdout).toContain(opened.url);
  const client = new Toxiproxy(opened.url);

  const { stacks } = JSON.parse((await sandbox.cove(["--json"])).stdout);
  const { address } = stacks[0].edges.find(({ id }: { id: string }) => id === "web→api");
  expect(Object.keys(await client.getAll())).toEqual(["quay:browser→api", "quay:browser→web", "quay:web→api"]);
  const edge = await client.get("quay:web→api");
  expect([edge.listen, edge.enabled]).toEqual([`${address.host}:${address.port}`, true]);
  expect((await client.get("quay:web:api")).name).toBe("quay:web→api");

  // Toxics are the edge's conditions, and Cove says so.
  const latency = { name: "late", type: "latency", stream: "downstream", toxicity: 1 } as const;
  const late = await edge.addToxic({ ...latency, attributes: { latency: 300, jitter: 0 } });
  const start = performance.now();
  expect((await web()).body).toBe("web api");
  expect(performance.now() - start).toBeGreaterThanOrEqual(300);
  expect(await shape()).toMatch(/^latency=300ms/);
  await late.update({ ...late.toJson(), attributes: { latency: 1, jitter: 0 } });
  expect(await shape()).toMatch(/^latency=1ms/);
  await late.remove();
  expect(await shape()).toBeNull();

  // Down, and up again with its toxics.
  const values = { listen: edge.listen, upstream: edge.upstream };
  await edge.addToxic({ ...latency, attributes: { latency: 1, jitter: 0 } });
  expect((await edge.update({ ...values, enabled: false })).enabled).toBe(false);
  expect((await web()).body).toBe("ECONNRESET");
  await client.reset();
  expect((await web()).body).toBe("web api");
  expect(await shape()).toBeNull();
  await expect(edge.getToxic("late")).rejects.toThrow("status code 404");

  // Who sets last has the edge.
  await edge.addToxic({ ...latency, attributes: { latency: 1, jitter: 0 } });
  await sandbox.cove(["shape", "web:api", "slow-3g"], { cwd });
  await expect(edge.getToxic("late")).rejects.toThrow("status code 404");
  await client.reset();
  expect(await shape()).toContain("bandwidth");

  // The stack says where edges are.
  await expect(edge.remove()).rejects.toThrow("status code 403");
  await expect(edge.update({ ...values, enabled: true, listen: "127.0.0.1:0" })).rejects.toThrow("status code 403");
  await expect(edge.update({ ...values, enabled: true, upstream: "127.0.0.1:1" })).rejects.toThrow("status code 403");
  await expect(client.createProxy({ name: edge.name, ...values })).rejects.toThrow("status code 409");
  expect((await fetch(`${opened.url}/metrics`)).status).toBe(200);

  // Proxies of one's own stand beside them until it's closed.
  const own = await client.createProxy({ name: "own", listen: "localhost:0", upstream: edge.upstream });
  expect(await (await fetch(`http://${own.listen}`)).text()).toBe("api");
  expect((await sandbox.cove(["toxiproxy", "--home", "--off"])).stdout).toContain("closed");
  await expect(client.getAll()).rejects.toThrow("fetch failed");
  await expect(fetch(`http://${own.listen}`)).rejects.toThrow("fetch failed");
  await eventually(async () => ((await web()).body === "web api" ? true : undefined));
});

test("a port that is held is named, and open twice is one", { timeout: 60_000 }, async () => {
  await using sandbox = await coveSandbox();
  const taken = await sandbox.cove(["toxiproxy", "--home", "--port", String(sandbox.port)]);
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringMatching(/^PORT_TAKEN .* is held by /)]);
  const { url } = JSON.parse((await sandbox.cove(["toxiproxy", "--home", "--port", "0", "--json"])).stdout);
  const other = await sandbox.cove(["toxiproxy", "--home", "--port", "8475"]);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining(url.replace("http://", ""))]);
  expect((await sandbox.cove(["toxiproxy", "--home", "--seed", "1"])).code).toBe(2);
});
