import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { freePort } from "../../test/support/free-port.ts";
import type { Address } from "../address/address.ts";
import type { Fault } from "../fault/fault.ts";
import { machine } from "../machine/machine.ts";
import type { Action, HomeLink, LinkHandlers, Welcome } from "../stack/session/link.ts";
import type { Hello, HelloService, ServiceState, ServiceStatus } from "../stack/session/messages.ts";
import { createHomeLink } from "./client/link.ts";

export const status = (state: ServiceState, rest: Partial<ServiceStatus> = {}): ServiceStatus => ({
  state,
  process: null,
  readyAt: state === "ready" ? Date.now() : null,
  readyMs: state === "ready" ? 5 : null,
  restarts: 0,
  cause: null,
  ...rest,
});

/** What a runner would tell of one service. */
export const service = (name: string, address: Address, rest: Partial<HelloService> = {}): HelloService => ({
  name,
  kind: "command",
  protocol: "http",
  label: `node ${name}.js`,
  address,
  names: [],
  needs: [],
  url: null,
  env: {},
  status: status("ready"),
  ...rest,
});

export const hello = (base: string, rest: Partial<Hello> = {}): Hello => ({
  type: "hello",
  version: "overwritten by the link",
  runner: { pid: process.pid, started: machine.startStamp(process.pid) ?? "" },
  stack: randomBytes(8).toString("hex"),
  base,
  granted: null,
  single: false,
  root: `/projects/${base}`,
  branch: null,
  file: null,
  services: [],
  edges: [],
  logs: [],
  ...rest,
});

/** A stack whose runner is the test itself, over a real link to a real home. */
export interface TestStack extends AsyncDisposable {
  readonly link: HomeLink;
  readonly opened: Welcome | Fault;
  /** Every welcome so far. */
  readonly welcomes: readonly Welcome[];
  readonly asked: readonly { action: Action; service: string | null }[];
  lost: number;
}

export async function testStack(told: () => Hello, act?: LinkHandlers["act"]): Promise<TestStack> {
  const link = createHomeLink();
  const welcomes: Welcome[] = [];
  const asked: { action: Action; service: string | null }[] = [];
  const stack = { link, welcomes, asked, lost: 0, opened: undefined as unknown as Welcome | Fault };
  stack.opened = await link.open({
    hello: () => ({ ...told(), granted: welcomes.at(-1)?.base ?? null }),
    welcome: (welcome) => void welcomes.push(welcome),
    lost: () => {
      stack.lost++;
    },
    act: async (action, name, services) => {
      asked.push({ action, service: name });
      if (action === "down") void link.close();
      return (await act?.(action, name, services)) ?? [];
    },
  });
  return Object.assign(stack, { [Symbol.asyncDispose]: () => link.close() });
}

/** A real HTTP server that answers with `text`. */
export async function webServer(text: string): Promise<{ address: Address } & AsyncDisposable> {
  return await listening(createServer((_, response) => response.end(text)));
}

/** A real TCP server that sends back what it gets. */
export async function echoServer(): Promise<{ address: Address } & AsyncDisposable> {
  return await listening(createTcpServer((socket) => void socket.on("error", () => {}).pipe(socket)));
}

async function listening(server: Server | TcpServer): Promise<{ address: Address } & AsyncDisposable> {
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    address: { host: "127.0.0.1", port },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}
