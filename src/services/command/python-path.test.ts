import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync, readSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { program } from "../../../test/support/programs.ts";
import { scratch } from "../../../test/support/scratch.ts";
import { tracedPythonPath } from "../../tracing/python-path.ts";
import { parseRecord } from "../../tracing/records.ts";
import { frameworkEnv } from "./framework-env.ts";

/** A FIFO as home has it. `read` gives what is in it. */
function pipe() {
  const path = join(scratch("trace"), "pipe");
  execFileSync("mkfifo", ["-m", "600", path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(reader));
  const read = (): string[] => {
    const bytes = Buffer.alloc(1024 * 1024);
    let length = 0;
    try {
      for (let more = 1; more > 0; length += more) more = readSync(reader, bytes, length, bytes.length - length, null);
    } catch {
      // Nothing more is there now.
    }
    return bytes
      .toString("latin1", 0, length)
      .split("\n")
      .filter((line) => line !== "");
  };
  return { path, read };
}

function python(code: string, env: Readonly<Record<string, string>> = {}, flags: readonly string[] = []) {
  const { PATH = "" } = process.env;
  const all = {
    PATH,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONPATH: tracedPythonPath(env.PYTHONPATH),
    COVE_TRACE_EDGES: "*",
  };
  const { status, stdout, stderr } = spawnSync("python3", [...flags, "-c", code], {
    env: { ...all, ...env, PYTHONPATH: all.PYTHONPATH },
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

/** Serves one request at itself; in it `do(port)` is called with the port of a server that answers with its header fields. */
const SERVICE = `
import http.client, http.server, socket, threading
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(self.headers).encode()
        self.send_response(200); self.send_header("content-length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
def serve(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]
def get(port, headers={}):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/", headers=headers)
    return connection.getresponse().read().decode()
def within(do):
    told = []
    class Handler(Echo):
        def do_GET(self):
            try: told.append(do())
            except BaseException as error: told.append(repr(error))
            super().do_GET()
    get(serve(Handler), {"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"})
    return told[0]
`;

describe.skipIf(program("python3") === null)("Python programs", () => {
  test("load Cove's preload, then the leased port's, then their own sitecustomize, each once", () => {
    const folder = scratch("own");
    writeFileSync(join(folder, "sitecustomize.py"), `print("own", __name__)\nraise KeyError("broken")\n`);
    const { path, read } = pipe();
    const leased = frameworkEnv(
      "mkdocs serve",
      { host: "127.0.0.1", port: 61_007 },
      "/",
      { host: "web.shop.localhost", port: 62_893 },
      { PYTHONPATH: folder },
    );
    const { stdout, stderr } = python("print('runs')", { ...leased, COVE_TRACE_PIPE: path });
    expect(stdout).toBe("own sitecustomize\nruns\n");
    expect(stderr).toContain("broken");
    expect(read()).toEqual([expect.stringMatching(/^h \d+ python 3\.\d+\.\d+$/)]);
  });

  test("take nothing of it with -I, -E, -S, or where it is off", () => {
    const { path, read } = pipe();
    for (const flag of ["-I", "-E", "-S"])
      expect(python("print(1)", { COVE_TRACE_PIPE: path }, [flag]).stdout).toBe("1\n");
    expect(python("print(1)", { COVE_TRACE_PIPE: path, COVE_TRACE: "off" }).stdout).toBe("1\n");
    expect(python("import sys; print('cove_trace.hooks' in sys.modules)", { COVE_TRACE_EDGES: "" }).stdout).toBe(
      "False\n",
    );
    expect(read()).toEqual([]);
  });

  test("load no module by it that they don't load themselves", () => {
    const list = "import sys; print(*sorted(set(sys.modules) - set(sys.builtin_module_names)))";
    const { path } = pipe();
    const loaded = (env: Record<string, string>) => python(list, env).stdout.trim().split(" ");
    const without = loaded({ COVE_TRACE_EDGES: "" });
    const more = loaded({ COVE_TRACE_PIPE: path }).filter((name) => !without.includes(name));
    // Some builds have what contexts are made of in a file of its own.
    expect(more.filter((name) => !/^(cove_trace(\.\w+)?|_contextvars)$/.test(name))).toEqual([]);
  });

  test("pass traceparent on, from a request to Cove's edges, and leave one that is there", () => {
    const fields = (text: string) =>
      Object.fromEntries(
        text
          .trim()
          .split("\n")
          .map((line) => line.toLowerCase().split(": ")),
      );
    const say = (code: string, env = {}) => python(`${SERVICE}\nport = serve(Echo)\n${code}`, env).stdout;
    const passed = fields(say("print(within(lambda: get(port)))"));
    expect(passed.traceparent).toMatch(new RegExp(`^00-${"a".repeat(32)}-[0-9a-f]{16}-01$`));
    const fresh = passed.traceparent?.split("-")[2];
    expect(passed.tracestate).toBe(`cove=${fresh}-${"b".repeat(16)}`);
    expect(say("print(get(port))")).not.toContain("traceparent");
    expect(say("print(within(lambda: get(port)))", { COVE_TRACE_EDGES: "1" })).not.toContain("traceparent");
    expect(fields(say("print(within(lambda: get(port, {'Traceparent': 'mine'})))")).traceparent).toBe("mine");
    expect(fields(say("print(within(lambda: get(port, {'tracestate': 'x=1'})))"))).toMatchObject({
      traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
      tracestate: "x=1",
    });
  });

  test("a pool's threads work for the request, other threads for nobody that is known", () => {
    const { stdout } = python(`${SERVICE}
from concurrent.futures import ThreadPoolExecutor
port = serve(Echo)
pool = ThreadPoolExecutor(1)
def thread():
    found = []
    one = threading.Thread(target=lambda: found.append(get(port)))
    one.start(); one.join()
    return found[0]
for do in (lambda: pool.submit(get, port).result(), thread):
    print("traceparent" in within(do).lower())
print("traceparent" in pool.submit(get, port).result().lower())
`);
    expect(stdout).toBe("True\nFalse\nFalse\n");
  });

  test("whole lines come from several processes, and what a full or missing FIFO doesn't take is kept", {
    timeout: 60_000,
  }, () => {
    const { path, read } = pipe();
    const code = `
import os, sys, time
from cove_trace import reports
pids = []
for _ in range(4):
    pid = os.fork()
    if pid == 0:
        for n in range(2000): reports.report("l %d x%d" % (os.getpid(), n))
        for _ in range(500):
            if not reports._lines: break
            time.sleep(0.01)
        os._exit(0)
    pids.append(pid)
print("ready", flush=True)
for pid in pids: os.waitpid(pid, 0)
`;
    const lines: string[] = [];
    // Its reader is this very thread: it reads when the first ones have filled it.
    const { status } = spawnSync("sh", ["-c", `python3 -c "$CODE" & cat "$COVE_TRACE_PIPE" > "$OUT"; wait`], {
      env: {
        ...{ PATH: process.env.PATH ?? "", CODE: code, OUT: join(dirname(path), "out"), COVE_TRACE_PIPE: path },
        PYTHONPATH: tracedPythonPath(undefined),
      },
    });
    expect(status).toBe(0);
    lines.push(...execFileSync("cat", [join(dirname(path), "out")], { encoding: "utf8" }).split("\n"), ...read());
    const records = lines.filter((line) => line !== "").map(parseRecord);
    expect(records.filter((record) => record === null)).toEqual([]);
    expect(records.filter((record) => record?.kind === "library")).toHaveLength(8_000);
    expect(records.filter((record) => record?.kind === "hello")).toHaveLength(5);
  });

  test("a FIFO that nobody reads, that is full, or that is none, stops and ends nothing", () => {
    const folder = scratch("broken");
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "folder"));
    execFileSync("mkfifo", [join(folder, "unread")]);
    const code = `
import signal
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
from cove_trace import reports
for n in range(20000): reports.report("l 1 x%d" % n)
print("whole", reports._kept < 600000)
`;
    for (const place of ["file", "folder", "unread", "none"]) {
      const { status, stdout } = python(code, { COVE_TRACE_PIPE: join(folder, place) });
      expect([place, status, stdout]).toEqual([place, 0, "whole True\n"]);
    }
    const full = pipe();
    expect(python(code, { COVE_TRACE_PIPE: full.path })).toMatchObject({ status: 0, stdout: "whole True\n" });
    // A reader that goes while something is written.
    const gone = `${code}
import os
os.close(reader)
for n in range(100): reports.report("l 1 y%d" % n)
print("goes on")
`;
    const unread = join(folder, "unread");
    const opened = `import os\nreader = os.open(${JSON.stringify(unread)}, os.O_RDONLY | os.O_NONBLOCK)\n${gone}`;
    expect(python(opened, { COVE_TRACE_PIPE: unread })).toMatchObject({ status: 0, stdout: "whole True\ngoes on\n" });
    // Its number is something else's now.
    const reused = `
import os
from cove_trace import reports
os.close(reports._fd)
file = os.open(${JSON.stringify(join(folder, "file"))}, os.O_WRONLY)
print(file == reports._fd)
reports.report("l 1 z")
`;
    expect(python(reused, { COVE_TRACE_PIPE: full.path }).status).toBe(0);
    expect(execFileSync("cat", [join(folder, "file")], { encoding: "utf8" })).toBe("");
  });
});
