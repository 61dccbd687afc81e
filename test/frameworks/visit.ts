import type { Page, WebSocket } from "playwright-core";

/** What a page asked for since it was opened. */
export interface Visit {
  readonly page: Page;
  /** Requests and WebSockets to this machine that didn't go to the door. */
  readonly past: string[];
  /** Requests to other machines: names that Chromium here never resolves. */
  readonly outside: Set<string>;
  /** Paths of WebSockets at the door. */
  readonly sockets: Set<string>;
  /** Those by which the program said something. */
  readonly spoken: Set<string>;
  /** Event streams at the door. */
  readonly streams: Set<string>;
  /** What its scripts complained about, for a failing test. */
  readonly complaints: string[];
}

/** Opens an empty page and writes down what it asks for; `origin` is the door's: `http://vite.localhost:20123`. */
export function recordVisit(page: Page, origin: string): Visit {
  const visit: Visit = {
    ...{ page, past: [], outside: new Set<string>(), sockets: new Set<string>() },
    ...{ spoken: new Set<string>(), streams: new Set<string>(), complaints: [] },
  };
  const door = new URL(origin).host;
  const sort = (text: string): URL | null => {
    const url = new URL(text);
    if (!/^(https?|wss?):$/.test(url.protocol)) return null;
    if (url.host === door) return url;
    if (isThisMachine(url.hostname)) visit.past.push(text);
    else visit.outside.add(url.hostname);
    return null;
  };
  page.on("request", (request) => {
    const url = sort(request.url());
    if (url !== null && request.resourceType() === "eventsource") visit.streams.add(url.pathname);
  });
  page.on("websocket", (socket: WebSocket) => {
    const url = sort(socket.url());
    if (url === null) return;
    visit.sockets.add(url.pathname);
    socket.on("framereceived", () => visit.spoken.add(url.pathname));
  });
  page.on("pageerror", (error) => visit.complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") visit.complaints.push(message.text());
  });
  return visit;
}

/** Names and addresses of this machine, its own network's too, where a dev server may say it is. */
function isThisMachine(host: string): boolean {
  return /(^|\.)localhost$/.test(host) || /^\[|^\d+(\.\d+){3}$/.test(host);
}

/** Waits until the page, or a frame in it, shows the text; throws with what it shows instead. */
export async function waitForText({ page, complaints }: Visit, text: string, limit: number): Promise<void> {
  const deadline = performance.now() + limit;
  let shown = "";
  do {
    const frames = await Promise.all(
      page.frames().map((frame) => frame.evaluate<string>("document.documentElement?.innerText ?? ''").catch(() => "")),
    );
    shown = frames.join("\n");
    if (shown.includes(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while (performance.now() < deadline);
  const heard = complaints.slice(-5).join("\n");
  throw new Error(
    `no "${text}" within ${limit} ms; the page shows:\n${shown.slice(0, 2_000)}\nits scripts say:\n${heard}`,
  );
}
