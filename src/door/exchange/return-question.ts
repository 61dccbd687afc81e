import { connect } from "node:net";
import { sleep } from "../../async/sleep.ts";
import type { RequestHead } from "../../http1/request-head.ts";
import { RETURN_PATH } from "../pages/reload.ts";
import type { Route } from "../upstream/routes.ts";
import { emptyAnswer } from "./own-answer.ts";
import type { ProxyExchange } from "./proxy-exchange.ts";

/** How long one question is held, ms; the page asks again. */
const HOLD_TIME = 20_000;
/** Between looks, ms. */
const LOOK_PAUSE = 300;

/** Whether one of the door's pages asks if the service is back (src/door/pages/reload.ts). */
export function asksForReturn({ method, target }: RequestHead): boolean {
  return method === "GET" && target.startsWith(RETURN_PATH);
}

/** Answers 204 once the service is back, 503 after a while. Nothing is written down of it. */
export async function answerOnReturn(exchange: ProxyExchange, head: RequestHead): Promise<void> {
  const { door, client } = exchange;
  exchange.state = "waiting";
  const after = new URL(head.target, "http://localhost").searchParams.get("after") ?? "";
  const deadline = performance.now() + HOLD_TIME;
  let back = false;
  while (!back && performance.now() < deadline) {
    // Found anew each time: after a restart of the stack it is another route.
    const route = door.routes.find(head.host);
    back = route !== undefined && (await isBack(route, after));
    if (!back) await sleep(LOOK_PAUSE);
    if (client.gone()) return;
  }
  exchange.state = "none";
  client.answer((goesOn) => emptyAnswer(head, back ? 204 : 503, goesOn));
  client.resume();
}

/** `after`: when it became ready before the page was made; empty: it wasn't reachable. */
function isBack(route: Route, after: string): Promise<boolean> | boolean {
  if (route.state !== "ready") return false;
  return after === "" ? accepts(route) : String(route.readyAt?.() ?? "") !== after;
}

function accepts({ upstream }: Route): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...upstream, timeout: 1_000 });
    const done = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", () => done(true));
    socket.once("timeout", () => done(false));
    socket.once("error", () => done(false));
  });
}
