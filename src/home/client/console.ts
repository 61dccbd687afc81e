import { connect } from "node:net";
import { WebSocket } from "ws";
import { type Fault, fault } from "../../fault/fault.ts";
import type { ConsoleNews, ConsoleRequest } from "../../stack/session/console.ts";
import { type HomeAddress, NO_SERVER_NAME } from "./call.ts";

/** A seat in front of a service, through home. */
export interface Console {
  readonly say: (request: ConsoleRequest) => void;
  readonly leave: () => void;
  /** Resolves when it is over: null after `leave`, else why. */
  readonly over: Promise<Fault | null>;
  /** Bytes that are on their way. */
  readonly waiting: () => number;
}

/** Opens a service's console; `told` gets all but the end. */
export function openConsole(
  home: HomeAddress,
  { stack, service }: { readonly stack: string; readonly service: string },
  first: Extract<ConsoleRequest, { type: "open" }>,
  told: (news: ConsoleNews) => void,
): Console {
  const path = `/api/v1/stacks/${encodeURIComponent(stack)}/services/${encodeURIComponent(service)}/console`;
  const socket = new WebSocket(`ws://cove.localhost${path}`, {
    createConnection: () => connect(home.socket),
    headers: { authorization: `Bearer ${home.token}` },
    perMessageDeflate: false,
    ...NO_SERVER_NAME,
  });
  const early: ConsoleRequest[] = [first];
  let leaving = false;
  const say = (request: ConsoleRequest) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
    else if (socket.readyState === WebSocket.CONNECTING) early.push(request);
  };
  const over = new Promise<Fault | null>((resolve) => {
    let why: Fault = fault("HOME_UNREACHABLE", "home broke the connection off", "try again in a moment");
    socket.on("error", () => {});
    socket.on("open", () => {
      for (const request of early.splice(0)) socket.send(JSON.stringify(request));
    });
    socket.on("message", (data) => {
      const news = JSON.parse(String(data)) as ConsoleNews;
      if (news.type === "over") why = news.fault;
      else told(news);
    });
    socket.on("close", () => resolve(leaving ? null : why));
  });
  return {
    say,
    leave: () => {
      leaving = true;
      socket.close();
    },
    over,
    waiting: () => socket.bufferedAmount,
  };
}
