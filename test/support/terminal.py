"""Runs a command in a terminal of its own: `terminal.py STEPS COMMAND…`, with STEPS as JSON.

A step is {"wait": text}, {"key": text} or {"signal": name}. Prints what the terminal showed, then `exit CODE`.
"""
import json, os, pty, select, signal, sys, time

LIMIT = 40
steps, command = json.loads(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown, seen, ended = b"", 0, False


def read(seconds):
    global shown, ended
    if not ended and select.select([terminal], [], [], seconds)[0]:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            part = b""
        ended, shown = part == b"", shown + part


for step in steps:
    if "key" in step:
        os.write(terminal, step["key"].encode())
    else:
        end = time.time() + LIMIT
        while step["wait"].encode() not in shown[seen:] and not ended and time.time() < end:
            read(0.1)
        seen = max(seen, shown.find(step["wait"].encode(), seen))
end = time.time() + LIMIT
while not ended and time.time() < end:
    read(0.1)
if not ended:
    os.kill(pid, signal.SIGKILL)
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
print("\nexit", os.waitstatus_to_exitcode(status))
