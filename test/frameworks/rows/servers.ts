import type { Row } from "../row.ts";
import { PAGE_WITH_SOCKET } from "./runtimes.ts";

const page = `const page = ${JSON.stringify(PAGE_WITH_SOCKET)};\n`;
const edited = (name: string, file: string) =>
  ({ file, from: "says one", to: "says two", says: `${name} says two`, byHand: true }) as const;

/** Servers of one's own, restarted by a watcher; their page opens a WebSocket to them. */
export const SERVERS: readonly Row[] = [
  {
    name: "express",
    title: "Express with ws, node --watch",
    version: ["node", "-p", "require('express/package.json').version"],
    files: {
      "server.js": `import express from "express";
import { WebSocketServer } from "ws";
${page}const app = express();
app.get("/", (_, response) => response.send(page));
app.get("/old", (request, response) => response.redirect(\`\${request.protocol}://\${request.get("host")}/\`));
const server = app.listen(process.env.PORT, process.env.HOST);
new WebSocketServer({ server, path: "/ws" }).on("connection", (socket) => socket.send("express says one"));\n`,
    },
    dev: "node --watch server.js",
    page: { says: "express says one" },
    edit: edited("express", "server.js"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
    quick: true,
  },
  {
    name: "node-http",
    title: "node:http with an event stream, in a stack",
    version: ["node", "--version"],
    files: {
      "server.js": `import { createServer } from "node:http";
const page = \`<!doctype html><main></main><script>
  new EventSource("/words").onmessage = ({ data }) => { document.querySelector("main").textContent = data; };
</script>\`;
createServer(({ url, headers }, response) => {
  if (url === "/old") return response.writeHead(302, { location: \`http://\${headers.host}/\` }).end();
  const stream = url === "/words";
  response.writeHead(200, { "content-type": stream ? "text/event-stream" : "text/html" });
  if (stream) response.write("data: node says one\\n\\n");
  else response.end(page);
}).listen(process.env.PORT, process.env.HOST);\n`,
    },
    dev: "node --watch server.js",
    stack: true,
    page: { says: "node says one" },
    edit: { file: "server.js", from: "says one", to: "says two", says: "node says two" },
    eventStream: /^\/words$/,
    redirect: { from: "/old", to: "/" },
    note: "its page connects again by itself",
    quick: true,
  },
  {
    name: "express-nodemon",
    title: "Express with Socket.IO, nodemon",
    packages: { nodemon: "3.1.14", express: "5.1.0", "socket.io": "4.8.1" },
    files: {
      "server.js": `import { createServer } from "node:http";
import express from "express";
import { Server } from "socket.io";
const app = express();
app.get("/", (_, response) => response.send(\`<!doctype html><main></main><script src="/socket.io/socket.io.js"></script>
<script>io().on("word", (word) => { document.querySelector("main").textContent = word; });</script>\`));
const server = createServer(app);
new Server(server).on("connection", (socket) => socket.emit("word", "socket.io says one"));
server.listen(process.env.PORT);\n`,
    },
    dev: "nodemon server.js",
    page: { says: "socket.io says one" },
    edit: { ...edited("socket.io", "server.js"), byHand: true },
    webSocket: /^\/socket\.io\/$/,
  },
  {
    name: "fastify",
    title: "Fastify with @fastify/websocket, tsx watch",
    packages: { fastify: "5.12.8", "@fastify/websocket": "11.3.7", tsx: "4.23.15" },
    files: {
      "server.ts": `import websocket from "@fastify/websocket";
import fastify from "fastify";
${page}const app = fastify({ trustProxy: true });
await app.register(websocket);
app.get("/", (_, reply) => reply.type("text/html").send(page));
app.get("/old", (request, reply) => reply.redirect(\`\${request.protocol}://\${request.host}/\`));
app.get("/ws", { websocket: true }, (socket) => void socket.send("fastify says one"));
await app.listen({ port: Number(process.env.PORT), host: process.env.HOST });\n`,
    },
    dev: "tsx watch server.ts",
    page: { says: "fastify says one" },
    edit: edited("fastify", "server.ts"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "hono",
    title: "Hono on Node, tsx watch",
    packages: { hono: "4.13.19", "@hono/node-server": "1.19.11", "@hono/node-ws": "1.3.1", tsx: "4.23.15" },
    files: {
      "server.ts": `import { serve } from "@hono/node-server";
import { createNodeWebSocket } from "@hono/node-ws";
import { Hono } from "hono";
${page}const app = new Hono();
const { injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app });
app.get("/", (c) => c.html(page));
app.get("/old", (c) => c.redirect(new URL("/", c.req.url).href));
app.get("/ws", upgradeWebSocket(() => ({ onOpen: (_, socket) => socket.send("hono says one") })));
injectWebSocket(serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: process.env.HOST }));\n`,
    },
    dev: "tsx watch server.ts",
    page: { says: "hono says one" },
    edit: edited("hono", "server.ts"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "nest",
    title: "NestJS, nest start --watch",
    packages: {
      "@nestjs/cli": "11.0.10",
      "@nestjs/common": "11.1.6",
      "@nestjs/core": "11.1.6",
      "@nestjs/platform-express": "11.1.6",
      "@nestjs/platform-ws": "11.1.6",
      "@nestjs/websockets": "11.1.6",
      "reflect-metadata": "0.2.2",
      rxjs: "7.8.2",
      ws: "8.18.3",
      typescript: "5.9.2",
      "@types/node": "24.3.0",
    },
    files: {
      "package.json": "{}",
      "nest-cli.json": `{ "sourceRoot": "src" }\n`,
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          module: "commonjs",
          target: "es2022",
          outDir: "./out",
          rootDir: "./src",
          experimentalDecorators: true,
          emitDecoratorMetadata: true,
          skipLibCheck: true,
        },
        include: ["src"],
      }),
      "src/main.ts": `import { Controller, Get, Header, Module, Redirect } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { WsAdapter } from "@nestjs/platform-ws";
import { WebSocketGateway } from "@nestjs/websockets";
${page}
@Controller()
class Pages {
  @Get() @Header("content-type", "text/html") page() { return page; }
  @Get("old") @Redirect("/", 302) old() {}
}
@WebSocketGateway({ path: "/ws" })
class Words {
  handleConnection(socket: { send(text: string): void }) { socket.send("nest says one"); }
}
@Module({ controllers: [Pages], providers: [Words] })
class Main {}
async function start() {
  const app = await NestFactory.create(Main);
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(process.env.PORT ?? 3000);
}
void start();\n`,
    },
    dev: "nest start --watch --entryFile main",
    page: { says: "nest says one" },
    edit: edited("nest", "src/main.ts"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
];
