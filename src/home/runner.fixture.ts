// A runner in a process of its own, to be killed: registers, starts one HTTP service, says what it started.
// Usage: runner.fixture.ts <stack> <base> <port>
import { spawn } from "node:child_process";
import { isFault } from "../fault/fault.ts";
import { machine } from "../machine/machine.ts";
import { hello, service, status, testStack } from "./stack.fixture.ts";

const [stack = "", base = "", port = "0"] = process.argv.slice(2);
let web = service("web", { host: "127.0.0.1", port: Number(port) }, { status: status("waiting") });
// As a real runner does: nothing is started before home has ended what an earlier one left.
const running = await testStack(() => hello(base, { stack, single: true, services: [web] }));
if (isFault(running.opened)) {
  console.log(JSON.stringify(running.opened));
} else {
  const code = `require("node:http").createServer((_, res) => res.end("served")).listen(${port}, "127.0.0.1", () => console.log())`;
  const child = spawn(process.execPath, ["-e", code], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const identity = { pid: child.pid ?? 0, started: machine.startStamp(child.pid ?? 0) ?? "" };
  const tell = (state: "starting" | "ready") => {
    web = { ...web, status: status(state, { process: identity }) };
    running.link.send({ type: "status", service: "web", status: web.status });
  };
  tell("starting");
  child.stdout.once("data", () => {
    tell("ready");
    console.log(JSON.stringify({ service: identity, welcome: running.opened }));
  });
}
