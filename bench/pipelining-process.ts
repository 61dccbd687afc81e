// Clients that pipeline: node pipelining-process.ts PORT READERS SILENT. Each connection sends 10,000 GETs at once. Readers take
// the answers in and begin anew on another connection; silent ones never read. On SIGTERM it prints a line of JSON.
import { connect, type Socket } from "node:net";
import { NAME } from "./names.ts";

const REQUESTS = 10_000;
const [port = 0, readers = 0, silent = 0] = process.argv.slice(2).map(Number);
const requests = Buffer.from(Array.from({ length: REQUESTS }, (_, n) => request(n)).join(""));
/** How every answer begins; bodies don't hold it. */
const ANSWER = Buffer.from("HTTP/1.1 200 ");

let answered = 0;
const unread: Socket[] = [];
let closed = 0;

function request(n: number): string {
  const last = n === REQUESTS - 1 ? "Connection: close\r\n" : "";
  return `GET /small?n=${n} HTTP/1.1\r\nHost: ${NAME}:${port}\r\nAccept: application/json\r\nCookie: session=${n * 7919}\r\n${last}\r\n`;
}

function read(): void {
  const socket = connect(port, "127.0.0.1", () => socket.write(requests));
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    const bytes = Buffer.concat([rest, chunk]);
    for (let at = bytes.indexOf(ANSWER); at !== -1; at = bytes.indexOf(ANSWER, at + 1)) answered++;
    // An answer's beginning may be cut in two.
    rest = bytes.subarray(Math.max(0, bytes.length - ANSWER.length + 1));
  });
  socket.on("error", () => {});
  // Where a connection is refused, the next one waits a little.
  socket.on("close", () => setTimeout(read, 10));
}

function keepSilent(): void {
  const socket = connect(port, "127.0.0.1", () => socket.write(requests));
  socket.pause();
  socket.on("error", () => {});
  socket.on("close", () => closed++);
  unread.push(socket);
}

for (let n = 0; n < readers; n++) read();
for (let n = 0; n < silent; n++) keepSilent();
process.on("SIGTERM", () => {
  const sent = unread.reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0);
  console.log(JSON.stringify({ answered, sent, closed }));
  process.exit(0);
});
// Whoever started it knows from this that the connections are under way.
console.log("started");
