import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRecorder } from "../src/capture/recorder.ts";
import { orThrow } from "../src/fault/fault.ts";
import { edgeTo, say } from "../src/inspect/recording/exchanges.fixture.ts";
import { openRecordings } from "../src/inspect/recording/recordings.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

const REDACTOR = new URL("../src/inspect/recording/redactor.fixture.ts", import.meta.url);

/** Writes a recording as home does. */
async function record(folder: string, name: string): Promise<void> {
  const recorder = createRecorder();
  const recordings = openRecordings({ folder, recorder, redactor: REDACTOR, stopped: () => {} });
  orThrow(await recordings.start(name));
  const json = "Content-Type: application/json\r\n";
  const api = edgeTo("api");
  for (const state of ["new", "paid"])
    say(recorder, {
      edge: api,
      target: "/orders/7?full=1&x=2",
      responseHeaders: json,
      response: `{"state":"${state}"}`,
    });
  say(recorder, { edge: api, method: "POST", target: "/orders", headers: json, body: '{"sku":"a"}', status: 201 });
  say(recorder, { edge: edgeTo("web"), target: "/" });
  orThrow(await recordings.stop(name));
  await recordings.close();
}

test("cove mock answers by name through the door as was recorded, in turn, and says what it can't", async () => {
  await using sandbox = await coveSandbox();
  await record(sandbox.home, "checkout");
  const mock = await sandbox.start(["mock", "--from", "checkout", "--service", "api", "--name", "pay"]);
  await mock.waitFor(/http:\/\/pay\.localhost:\d+/);
  const { port } = sandbox;
  const states = [];
  for (let n = 0; n < 3; n++) states.push((await ask(port, "pay.localhost", { path: "/orders/7?x=2&full=1" })).body);
  expect(states).toEqual(['{"state":"new"}', '{"state":"paid"}', '{"state":"paid"}']);
  const headers = { "content-type": "application/json" };
  const post = { method: "POST", path: "/orders", headers };
  expect((await ask(port, "pay.localhost", { ...post, body: '{ "sku": "a" }' })).status).toBe(201);
  const missed = await ask(port, "pay.localhost", { ...post, body: '{"sku":"b"}' });
  expect(missed.status).toBe(501);
  expect(JSON.parse(missed.body)).toMatchObject({
    error: { fault: "NOT_RECORDED", hint: expect.stringContaining("same name") },
    nearest: [
      { method: "POST", target: "/orders", status: 201, why: 'the body: $.sku is "b" here, "a" there' },
      { method: "GET", target: "/orders/7?full=1&x=2" },
    ],
  });
  await mock.waitFor(/POST \/orders 501 not recorded: the body/);
  const status = await sandbox.cove(["status"]);
  expect(status.stdout).toMatch(/pay +recording checkout +ready/);
  expect(await mock.stop()).toBe(0);
});

test("cove mock says which recordings and services there are", async () => {
  await using sandbox = await coveSandbox();
  const nothing = await sandbox.cove(["mock", "--from", "checkout"]);
  expect([nothing.code, nothing.stderr]).toEqual([
    1,
    expect.stringMatching(/^RECORDING_UNKNOWN {2}there is no recording checkout\n +nothing is recorded yet\n$/),
  ]);
  await record(sandbox.home, "checkout");
  const json = async (...args: string[]) => JSON.parse((await sandbox.cove(["mock", "--json", ...args])).stdout).error;
  expect(await json("--from", "chekout")).toMatchObject({ code: "RECORDING_UNKNOWN", hint: "did you mean checkout?" });
  expect(await json("--from", "checkout")).toMatchObject({
    code: "USAGE",
    message: "recording checkout has several services: api (3), web (1)",
    hint: "say which one to answer for: --service api",
  });
  expect(await json("--from", "checkout", "--service", "db")).toMatchObject({ code: "SERVICE_UNKNOWN" });
  expect(await json()).toMatchObject({ code: "USAGE" });
});

test("a stack has a recording in a service's place", async () => {
  await using sandbox = await coveSandbox();
  await record(sandbox.home, "checkout");
  const cwd = scratch("mocked");
  writeFileSync(join(cwd, "cove.yaml"), "name: demo\nservices:\n  api: { mock: { from: checkout, service: api } }\n");
  const up = await sandbox.start(["up"], { cwd });
  await up.waitFor(/api +recording checkout +ready/);
  expect((await ask(sandbox.port, "api.demo.localhost", { path: "/orders/7?full=1&x=2" })).status).toBe(200);
});
