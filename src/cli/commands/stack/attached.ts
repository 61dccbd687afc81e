import { sleep } from "../../../async/sleep.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import type { HomeAddress } from "../../../home/client/call.ts";
import { type Console, openConsole } from "../../../home/client/console.ts";
import { type ConsoleNews, INPUT_PIECE } from "../../../stack/session/console.ts";
import { printable } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";
import { type OwnTerminal, takeTerminal, terminalSize } from "../../terminal/own-terminal.ts";
import { screenModes } from "../../terminal/screen-modes.ts";
import type { Outcome } from "../command.ts";

interface Place {
  readonly stack: string;
  readonly service: string;
}

/** Ctrl-]. Programs seldom want it; telnet and podman leave by it, too. */
const LEAVE = 0x1d;
/** After piped input was taken, how long to show what the service says to it, ms. */
const ANSWER_TIME = 300;
/** A service that reads nothing of piped input for this long is given up, ms. */
const TAKE_TIME = 30_000;

/** A person sits here: until they leave, or the stack ends. */
export async function attachByKeyboard(context: Context, home: HomeAddress, place: Place): Promise<Outcome> {
  const screen = screenModes();
  const live = process.stdout.isTTY === true;
  let own: OwnTerminal | null = null;
  const told = (news: ConsoleNews) => {
    if (news.type === "opened") {
      const how = news.terminal ? "Ctrl-] leaves it, all other keys go to it" : "lines go to it, Ctrl-C leaves it";
      context.note(context.paint("dim", `attached to ${place.service}: ${how}`));
      const began = news.terminal && live ? byKeys(console, leave) : byLines(console, leave);
      void began.then((taken) => {
        own = taken;
      });
    } else if (news.type === "output") {
      const bytes = Buffer.from(news.data, "base64");
      screen.printed(bytes);
      process.stdout.write(bytes);
    } else if (news.type === "note") {
      const lead = screen.betweenLines() ? "" : "\r\n";
      process.stderr.write(`${lead}${context.paint("dim", printable(news.text, "drop"))}\r\n`);
    }
  };
  const console = openConsole(home, place, { type: "open", recent: true, ...(live && { size: terminalSize() }) }, told);
  const leave = () => console.leave();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, leave);
  const why = await console.over;
  if (live) process.stdout.write(screen.undo());
  (own as OwnTerminal | null)?.release();
  process.stdin.pause();
  if (why !== null) return why;
  context.note(context.paint("dim", `${screen.betweenLines() ? "" : "\n"}left ${place.service}; it goes on`));
  return 0;
}

/** Every key as it is pressed. */
async function byKeys(console: Console, leave: () => void): Promise<OwnTerminal | null> {
  const terminal = await takeTerminal({
    keys: (bytes) => {
      const at = bytes.indexOf(LEAVE);
      type(console, at === -1 ? bytes : bytes.subarray(0, at));
      if (at !== -1) leave();
      return undefined;
    },
    resized: (size) => console.say({ type: "resize", ...size }),
    gone: leave,
  });
  return isFault(terminal) ? byLines(console, leave) : terminal;
}

/** Line by line, as the terminal has them edited. */
async function byLines(console: Console, leave: () => void): Promise<null> {
  process.stdin.on("data", (bytes: Buffer) => type(console, bytes));
  process.stdin.on("end", leave);
  process.stdin.on("error", leave);
  return null;
}

function type(console: Console, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += INPUT_PIECE) {
    console.say({ type: "input", data: bytes.subarray(at, at + INPUT_PIECE).toString("base64") });
  }
}

/** All of this process's input goes to the service; done once it has it. */
export async function attachByPipe(context: Context, home: HomeAddress, place: Place): Promise<Outcome> {
  let taken = Promise.withResolvers<boolean>();
  let bytes = 0;
  const told = (news: ConsoleNews) => {
    if (news.type === "taken") taken.resolve(news.ok);
    else if (news.type === "output" && !context.json) process.stdout.write(Buffer.from(news.data, "base64"));
  };
  const console = openConsole(home, place, { type: "open", recent: false }, told);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, console.leave);
  const over = console.over.then((why) => why ?? fault("USAGE", "interrupted", "what was not sent yet is lost"));
  for await (const chunk of process.stdin) {
    const piece = chunk as Buffer;
    bytes += piece.length;
    type(console, piece);
    console.say({ type: "flush" });
    const answered = new AbortController();
    const outcome = await Promise.race([taken.promise, over, sleep(TAKE_TIME, answered.signal)]);
    // A wait that nobody needs any more would keep this process.
    answered.abort();
    if (outcome !== true) return leaveWith(console, isFault(outcome) ? outcome : notTaken(place, outcome === false));
    taken = Promise.withResolvers();
  }
  if (bytes > 0) await Promise.race([over, sleep(ANSWER_TIME)]);
  console.leave();
  if (context.json) context.printJson({ service: place.service, bytes });
  return 0;
}

function leaveWith(console: Console, why: Fault): Fault {
  console.leave();
  process.stdin.destroy();
  return why;
}

function notTaken({ service }: Place, gone: boolean): Fault {
  return gone
    ? fault("NOT_READY", `${service} doesn't run, or reads no input`, `see: cove logs ${service}`, { service })
    : fault("NOT_READY", `${service} read nothing for ${TAKE_TIME / 1000} s`, `see: cove logs ${service}`, { service });
}
