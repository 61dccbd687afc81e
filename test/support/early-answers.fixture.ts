// Services that answer an upload before they have read it: node early-answers.fixture.ts; prints its ports as JSON.
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";

const BODY = "x".repeat(20_000);
const ANSWER = `HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

/** Closes with input unread: a reset follows the answer. */
const reset = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", () => {
    socket.pause();
    socket.write(ANSWER, () => socket.destroy());
  });
});

/** Ends its side, and closes a little later: a FIN follows the answer, then a reset. */
const fin = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => {});
  socket.once("data", () => {
    socket.pause();
    socket.end(ANSWER, () => setTimeout(() => socket.destroy(), 3));
  });
});

const http = createHttpServer((_, response) => {
  response.writeHead(401, { connection: "close" }).end(BODY);
});

const ports: Record<string, number> = {};
for (const [name, server] of Object.entries<Server>({ reset, fin, http })) {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ports[name] = (server.address() as AddressInfo).port;
}
process.stdout.write(`${JSON.stringify(ports)}\n`);
process.stdin.resume().on("end", () => process.exit());
