import { spawn } from "node:child_process";
import { once } from "node:events";

/** Forked processes: two hundred separate interpreters would fill the memory. Ends with its standard input. */
const FORKS = `
import os, signal, socket, sys
processes, each = int(sys.argv[1]), int(sys.argv[2])
children = []
for _ in range(processes):
    ready, done = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ready)
        sockets = []
        for n in range(each):
            s = socket.socket()
            s.bind(("127.0.0.1", 0))
            s.listen(1)
            sockets.append(s)
        os.write(done, b"x")
        signal.pause()
    os.close(done)
    os.read(ready, 1)
    os.close(ready)
    children.append(child)
print("up", flush=True)
sys.stdin.read()
for child in children: os.kill(child, signal.SIGKILL)
for child in children: os.waitpid(child, 0)
`;

/** `processes` real processes with `each` TCP listeners apiece, on loopback. Needs python3. */
export async function manyListeners(processes: number, each: number): Promise<AsyncDisposable> {
  const child = spawn("python3", ["-c", FORKS, String(processes), String(each)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), ended.then(() => Promise.reject(new Error("python3 ended")))]);
  return {
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
