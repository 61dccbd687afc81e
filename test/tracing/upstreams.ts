import { spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { database } from "../support/database.ts";
import { freePort } from "../support/free-port.ts";
import { program } from "../support/programs.ts";
import { scratch } from "../support/scratch.ts";
import type { Upstream } from "./traced-service.ts";

/** A Postgres of the test's own. */
export async function postgresUpstream(): Promise<Upstream> {
  const db = database("traced");
  const url = await db.up();
  return { to: db.address, protocol: "postgres", url };
}

/** A redis-server of the test's own. */
export async function redisUpstream(): Promise<Upstream> {
  const to = { host: "127.0.0.1", port: await freePort() };
  const args = ["--bind", to.host, "--port", String(to.port), "--save", "", "--dir", scratch("redis")];
  const server = spawn(program("redis-server") ?? "", args, { stdio: "ignore" });
  onTestFinished(() => void server.kill());
  for (let tries = 0; tries < 500 && !(await answers(to.port)); tries++) await sleep(10);
  return { to, protocol: "redis", url: `redis://127.0.0.1:${to.port}` };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
    socket.setTimeout(200, () => socket.destroy());
    socket.once("connect", () => socket.destroy());
  });
}

/** MySQL's protocol, as far as mysql2 has it: every query is answered with OK. */
const MYSQL = `
const server = require("mysql2").createServer();
const capabilityFlags = 0xf7df; // without compression and TLS
server.on("connection", (connection) => {
  connection.serverHandshake({ protocolVersion: 10, serverVersion: "8.0.0", connectionId: 1, statusFlags: 2, characterSet: 8, capabilityFlags });
  connection.on("query", () => setTimeout(() => connection.writeOk({ affectedRows: 0 }), Math.random() * 3));
  connection.on("error", () => {});
});
server.listen(Number(process.env.PORT), "127.0.0.1");`;

/** A server of the protocol of MySQL; `folder` has mysql2. */
export async function mysqlUpstream(folder: string): Promise<Upstream> {
  const to = { host: "127.0.0.1", port: await freePort() };
  const env = { ...process.env, PORT: String(to.port), NODE_OPTIONS: undefined };
  const server = spawn(process.execPath, ["-e", MYSQL], { cwd: folder, env, stdio: "ignore" });
  onTestFinished(() => void server.kill());
  for (let tries = 0; tries < 500 && !(await answers(to.port)); tries++) await sleep(10);
  return { to, protocol: "text", url: `mysql://a@127.0.0.1:${to.port}/a` };
}
