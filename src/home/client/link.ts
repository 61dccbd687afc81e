import { connect } from "node:net";
import { WebSocket } from "ws";
import { sleep } from "../../async/sleep.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { HomeLink, LinkHandlers, Welcome } from "../../stack/session/link.ts";
import type { Hello, HomeMessage, RunnerMessage } from "../../stack/session/messages.ts";
import { version } from "../view/version.ts";
import { type HomeAddress, NO_SERVER_NAME } from "./call.ts";
import { homeAddress } from "./client.ts";
import { ensureHome } from "./ensure.ts";

/** Several runners lose home at the same moment; each comes back after a random part of this, ms. */
const JITTER = 60;
/** Between attempts while home can't be had: doubles from the first to the second, ms. */
const RETRY = { first: 100, longest: 5_000 };
/** Log lines and output are dropped beyond this backlog; messages about state never are, bytes. */
const BACKLOG = 4 << 20;
/** How long a close waits for home to have read `bye`, ms. */
const CLOSE_TIMEOUT = 2_000;
/** How long home may take to answer `hello`: it may have to end an earlier runner's orphans, ms. */
const WELCOME_TIMEOUT = 20_000;

/** Faults of a home that ends, or is of another version: what to do then, `ensureHome` knows. */
const ASK_AGAIN = /^(HOME_UNREACHABLE|HOME_MISMATCH)$/;

/**
 * A {@link HomeLink} over a WebSocket to home's Unix socket. Starts home where none runs, and again when it goes away.
 * `absent` is called if none ran when it was entered for the first time.
 */
export function createHomeLink(absent: () => void = () => {}): HomeLink {
  let socket: WebSocket | undefined;
  let first = true;
  /** Set by `close`, and by a `down` from home: after either, home's end is no loss. */
  let leaving = false;

  async function enter(told: LinkHandlers): Promise<Welcome | Fault> {
    if (first) {
      first = false;
      const answer = await enterIfRunning((home) => register(home, told));
      if (answer !== null) return answer;
      absent();
    }
    const home = await ensureHome();
    if (isFault(home)) return home;
    if (leaving) return fault("HOME_UNREACHABLE", "the link was closed while it was opening");
    return await register(home.address, told);
  }

  /** One connection: hello, the answer, and from then on what home asks for. */
  function register(home: HomeAddress, told: LinkHandlers): Promise<Welcome | Fault> {
    return new Promise((resolve) => {
      const opened = new WebSocket("ws://cove.localhost/api/v1/session", {
        createConnection: () => connect(home.socket),
        headers: { authorization: `Bearer ${home.token}` },
        perMessageDeflate: false,
        ...NO_SERVER_NAME,
      });
      let welcomed = false;
      const timer = setTimeout(() => opened.terminate(), WELCOME_TIMEOUT);
      const answer = (value: Welcome | Fault) => {
        clearTimeout(timer);
        resolve(value);
      };
      opened.on("open", () => {
        // Before anything else is sent: the runner's state as it is at this moment.
        socket = opened;
        sayHello(opened, told.hello());
      });
      opened.on("message", (data) => {
        const message = parse(String(data));
        if (message === null) return;
        if (message.type === "do") return void act(opened, told, message);
        if (message.type === "console" || message.type === "note") return handOn(told, message);
        if (message.type === "welcome" && welcomed) return told.welcome(message);
        welcomed ||= message.type === "welcome";
        answer(message.type === "welcome" ? message : message.fault);
        if (message.type === "refused") opened.close();
      });
      opened.on("error", () => {});
      opened.on("close", () => {
        if (socket === opened) socket = undefined;
        answer(fault("HOME_UNREACHABLE", "home broke the session off", "see home.log in the state folder"));
        if (welcomed && !leaving) void comeBack(told);
      });
    });
  }

  async function comeBack(told: LinkHandlers): Promise<void> {
    told.lost();
    await sleep(Math.random() * JITTER);
    for (let pause = RETRY.first; !leaving; pause = Math.min(pause * 2, RETRY.longest)) {
      const welcome = await enter(told);
      if (!isFault(welcome)) return told.welcome(welcome);
      if (!leaving) await sleep(pause);
    }
  }

  async function act(from: WebSocket, told: LinkHandlers, asked: Extract<HomeMessage, { type: "do" }>): Promise<void> {
    if (asked.action === "down") leaving = true;
    const outcome = await told.act(asked.action, asked.service, asked.services).catch((error: unknown) => {
      return fault("INTERNAL", `${asked.action} failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    if (from.readyState !== WebSocket.OPEN) return;
    const answer = isFault(outcome) ? { fault: outcome, changes: [] } : { fault: null, changes: [...outcome] };
    from.send(JSON.stringify({ type: "done", id: asked.id, ...answer } satisfies RunnerMessage));
  }

  return {
    open: async (told) => {
      const welcome = await enter(told);
      if (!isFault(welcome)) told.welcome(welcome);
      return welcome;
    },
    send: (message) => {
      if (socket?.readyState !== WebSocket.OPEN) return;
      if (/^(log|console)$/.test(message.type) && socket.bufferedAmount > BACKLOG) return;
      socket.send(JSON.stringify(message));
    },
    renew: (hello) => {
      if (socket?.readyState === WebSocket.OPEN) sayHello(socket, hello);
    },
    close: async () => {
      leaving = true;
      const open = socket;
      if (open === undefined || open.readyState !== WebSocket.OPEN) return;
      await leave(open);
    },
  };
}

function handOn(told: LinkHandlers, message: Extract<HomeMessage, { type: "console" | "note" }>): void {
  if (message.type === "console") told.console?.(message);
  else told.note?.(message.service, message.text);
}

function sayHello(to: WebSocket, hello: Hello): void {
  to.send(JSON.stringify({ ...hello, version: version() } satisfies RunnerMessage));
}

/** Nearly always a home runs: to ask it how it is would take as long as to enter it. Null: it has to be looked at, or started. */
async function enterIfRunning(
  register: (home: HomeAddress) => Promise<Welcome | Fault>,
): Promise<Welcome | Fault | null> {
  const home = homeAddress();
  if (home === null || isFault(home)) return null;
  const answer = await register(home);
  return isFault(answer) && ASK_AGAIN.test(answer.fault) ? null : answer;
}

/** Done when home has read `bye`, or had the time to. */
function leave(open: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => open.terminate(), CLOSE_TIMEOUT);
    open.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
    open.send(JSON.stringify({ type: "bye" } satisfies RunnerMessage));
    open.close();
  });
}

/** What home said; null for what this version doesn't know. */
function parse(text: string): HomeMessage | null {
  try {
    const message = JSON.parse(text) as HomeMessage;
    return /^(welcome|refused|do|console|note)$/.test(message.type) ? message : null;
  } catch {
    return null;
  }
}
