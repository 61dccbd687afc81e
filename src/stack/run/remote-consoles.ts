import type { ConsoleNews, ConsoleRequest } from "../session/console.ts";
import type { HomeMessage } from "../session/messages.ts";
import { type Running, supervisorOf } from "./running.ts";
import type { ServiceConsole, Viewer } from "./service-console.ts";
import { shownBytes } from "./shown.ts";

export interface RemoteConsoles {
  readonly hear: (message: Extract<HomeMessage, { type: "console" }>) => void;
  /** Home is gone, and with it all who sit there. */
  readonly leaveAll: () => void;
}

/** One who sits in front of a service, at home's other end. */
interface Seat {
  readonly console: ServiceConsole;
  readonly leave: () => void;
  /** What it typed is passed on in order. */
  typed: Promise<boolean>;
}

/** Rows shown at first to one who says no size. */
const USUAL_ROWS = 30;

export function attachRemotely(running: Running): RemoteConsoles {
  const seats = new Map<number, Seat>();
  const leave = (id: number) => {
    seats.get(id)?.leave();
    seats.delete(id);
  };
  return {
    hear: ({ id, service, request }) => {
      const send = (news: ConsoleNews) => running.link.send({ type: "console", id, news });
      if (request.type === "open") {
        leave(id);
        // Home asks for services that the stack has.
        seats.set(id, open(supervisorOf(running, service).console, request, send));
      } else if (request.type === "close") leave(id);
      else {
        const seat = seats.get(id);
        if (seat !== undefined) hear(seat, request, send);
      }
    },
    leaveAll: () => {
      for (const id of [...seats.keys()]) leave(id);
    },
  };
}

function open(
  console: ServiceConsole,
  { recent, size }: Extract<ConsoleRequest, { type: "open" }>,
  send: (news: ConsoleNews) => void,
): Seat {
  send({ type: "opened", terminal: console.modes() !== null });
  const show = shownBytes((bytes) => send({ type: "output", data: bytes.toString("base64") }));
  if (recent) show(console.recent(size?.rows ?? USUAL_ROWS));
  if (size !== undefined) console.resize(size);
  const viewer: Viewer = {
    output: (bytes) => {
      show(bytes);
      return undefined;
    },
    note: (text) => send({ type: "note", text }),
  };
  return { console, leave: console.attach(viewer), typed: ALL };
}

const ALL = Promise.resolve(true);

function hear(seat: Seat, request: ConsoleRequest, send: (news: ConsoleNews) => void): void {
  const { console } = seat;
  if (request.type === "resize") console.resize(request);
  else if (request.type === "flush") {
    void seat.typed.then((ok) => send({ type: "taken", ok }));
    seat.typed = ALL;
  } else if (request.type === "input") {
    const bytes = Buffer.from(request.data, "base64");
    seat.typed = seat.typed.then(async (before) => (await console.write(bytes)) && before);
  }
}
