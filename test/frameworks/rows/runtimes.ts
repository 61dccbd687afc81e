import type { Row } from "../row.ts";

/** A page whose script speaks to the program by a WebSocket of the page's own. */
export const PAGE_WITH_SOCKET = `<!doctype html><title>socket</title><main></main><script>
  const socket = new WebSocket("ws://" + location.host + "/ws");
  socket.onmessage = ({ data }) => { document.querySelector("main").textContent = data; };
</script>`;

export const RUNTIMES: readonly Row[] = [
  {
    name: "deno",
    title: "Deno, Deno.serve",
    packages: { deno: "2.9.6" },
    files: {
      "main.ts": `const page = ${JSON.stringify(PAGE_WITH_SOCKET)};
Deno.serve((request) => {
  if (request.headers.get("upgrade") !== "websocket") {
    return new Response(page, { headers: { "content-type": "text/html" } });
  }
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => socket.send("deno says one");
  return response;
});\n`,
    },
    dev: "deno run --allow-net --allow-env --watch main.ts",
    page: { says: "deno says one" },
    edit: { file: "main.ts", from: "one", to: "two", says: "deno says two", byHand: true },
    webSocket: /^\/ws$/,
  },
  {
    name: "deno-serve",
    title: "Deno, deno serve",
    packages: { deno: "2.9.6" },
    files: {
      "main.ts": `const headers = { "content-type": "text/html" };
export default {
  fetch(request: Request) {
    const { pathname, origin } = new URL(request.url);
    if (pathname === "/old") return Response.redirect(origin + "/");
    return new Response("<p>deno says one</p>", { headers });
  },
};\n`,
    },
    dev: "deno serve --watch --port 8312 main.ts",
    page: { says: "deno says one" },
    edit: { file: "main.ts", from: "says one", to: "says two", says: "deno says two", byHand: true },
    redirect: { from: "/old", to: "/" },
    note: "listens at its own port, and is followed there",
  },
  {
    name: "bun",
    title: "Bun, Bun.serve",
    packages: { bun: "1.4.5" },
    files: {
      "main.ts": `const page = ${JSON.stringify(PAGE_WITH_SOCKET)};
Bun.serve({
  fetch(request, server) {
    if (server.upgrade(request)) return;
    return new Response(page, { headers: { "content-type": "text/html" } });
  },
  websocket: { open: (socket) => void socket.send("bun says one"), message() {} },
});\n`,
    },
    dev: "bun --watch main.ts",
    page: { says: "bun says one" },
    edit: { file: "main.ts", from: "one", to: "two", says: "bun says two", byHand: true },
    webSocket: /^\/ws$/,
  },
  {
    name: "bun-html",
    title: "Bun, its own bundler for HTML",
    packages: { bun: "1.4.5" },
    files: {
      "index.html": `<!doctype html><title>bun</title><main></main><script type="module" src="./index.ts"></script>`,
      "index.ts": `document.querySelector("main")!.textContent = "bun says one";
import.meta.hot.accept();\n`,
    },
    dev: "bun ./index.html",
    page: { says: "bun says one" },
    edit: { file: "index.ts", from: "one", to: "two", says: "bun says two" },
    webSocket: /^\/_bun\/hmr$/,
  },
];
