// A runner in a process of its own, to be killed: starts one HTTP service, registers it, says what it started.
// Usage: runner.fixture.ts <stack> <base> <port>
import { spawn } from "node:child_process";
import { isFault } from "../fault/fault.ts";
import { machine } from "../machine/machine.ts";
import { hello, service, status, testStack } from "./stack.fixture.ts";

const [stack = "", base = "", port = "0"] = process.argv.slice(2);
const code = `require("node:http").createServer((_, res) => res.end("served")).listen(${port}, "127.0.0.1")`;
const child = spawn(process.execPath, ["-e", code], { detached: true, stdio: "ignore" });
const pid = child.pid ?? 0;
const identity = { pid, started: machine.startStamp(pid) ?? "" };
const web = service(
  "web",
  { host: "127.0.0.1", port: Number(port) },
  { status: status("ready", { process: identity }) },
);
const running = await testStack(() => hello(base, { stack, single: true, services: [web] }));
console.log(JSON.stringify(isFault(running.opened) ? running.opened : { service: identity, welcome: running.opened }));
