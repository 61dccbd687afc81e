import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../../test/support/free-port.ts";
import { program } from "../../../test/support/programs.ts";
import { frameworkEnv } from "./framework-env.ts";

const DOOR = { host: "web.shop.localhost", port: 62893 };
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** What the program prints that is told its place at the door, and its leased port. */
async function told(command: string, [name = "", ...args]: readonly string[], base: Record<string, string> = {}) {
  const port = await freePort();
  const env = frameworkEnv(command, { host: "127.0.0.1", port }, "/", DOOR, { PATH: process.env.PATH ?? "", ...base });
  const { stdout, stderr } = spawnSync(name, args, { env, encoding: "utf8" });
  return { said: stdout + stderr, at: `127.0.0.1 ${port}` };
}

const LISTEN = `
import asyncio, ipaddress, socket
with socket.socket() as one:
    one.bind(("web.shop.localhost", 62893))
    print(*one.getsockname())
async def main():
    server = await asyncio.start_server(lambda *_: None, "web.shop.localhost", 62893)
    print(*server.sockets[0].getsockname(), len(server.sockets))
asyncio.run(main())
with socket.socket() as other:
    other.bind(("127.0.0.1", 0))
    print(other.getsockname()[1] > 0, ipaddress.ip_address("web.shop.localhost"), ipaddress.ip_address("::1").version)
`;

describe.skipIf(program("python3") === null)("Python that is told its place at the door", () => {
  test("listens at its own port, by a socket and by asyncio; all else stays", async () => {
    const { said, at } = await told("mkdocs serve", ["python3", "-c", LISTEN]);
    expect(said.trim().split("\n")).toEqual([at, `${at} 1`, "True web.shop.localhost 6"]);
  });

  test("loads the user's own sitecustomize too, and tells what is wrong with it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cove-python-"));
    folders.push(folder);
    writeFileSync(join(folder, "sitecustomize.py"), `print("own", __name__)\nraise KeyError("broken")\n`);
    const PYTHONPATH = ["/nowhere", folder].join(delimiter);
    const { said } = await told("mkdocs serve", ["python3", "-c", "print('runs')"], { PYTHONPATH });
    expect(said).toMatch(/own sitecustomize/);
    expect(said).toContain("broken");
    expect(said).toContain("runs");
  });
});

test.skipIf(program("ruby") === null)("Ruby that is told its place at the door listens at its own port", async () => {
  const listen = `puts Socket.tcp_server_sockets("web.shop.localhost", 62893).map { |one| one.local_address.ip_unpack.join(" ") }
puts Socket.tcp_server_sockets("127.0.0.1", 0).size`;
  const { said, at } = await told("jekyll serve", ["ruby", "-rsocket", "-e", listen], { RUBYOPT: "-W0" });
  expect(said.trim().split("\n")).toEqual([at, "1"]);
});
