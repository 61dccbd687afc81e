import { type ClientHttp2Session, connect, performServerHandshake, type ServerHttp2Session } from "node:http2";
import { Duplex, duplexPair } from "node:stream";
import { frameReader } from "./frame-reader.ts";
import { ERROR, FLAG, FRAME, FRAME_HEAD, frameHead, PREFACE, settingsFrame } from "./frames.ts";

interface Pair {
  name: string;
  value: string;
}

/** The header blocks that node:http2 makes of requests with these fields, on one connection. */
export async function blocksOfNode(requests: readonly (readonly Pair[])[]): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  const wire = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _, done) => {
      parts.push(chunk);
      done();
    },
  });
  wire.push(Buffer.from(settingsFrame([]), "latin1"));
  const session: ClientHttp2Session = connect("http://x", { createConnection: () => wire });
  session.on("error", () => {});
  for (const fields of requests) {
    const raw = [":method", "GET", ":path", "/", ":scheme", "http", ":authority", "x"];
    for (const { name, value } of fields) raw.push(name, value);
    // Raw lists keep repeated fields; Node's types know objects only.
    const stream = session.request(raw as unknown as Record<string, string>, { endStream: true });
    stream.on("error", () => {});
  }
  await until(() => headersIn(Buffer.concat(parts)).length >= requests.length);
  session.destroy();
  return headersIn(Buffer.concat(parts));
}

function headersIn(bytes: Buffer): Buffer[] {
  const reader = frameReader();
  const blocks: Buffer[] = [];
  for (let at = PREFACE.length; at < bytes.length; ) {
    const end = reader.read(bytes, at, bytes.length);
    if (end < 0) break;
    const { type, bytes: from } = reader.frame;
    if (type === FRAME.headers) blocks.push(Buffer.from(from.subarray(reader.frame.from, reader.frame.to)));
    at = end;
  }
  return blocks;
}

/** What node:http2 says to a request with this header block: `broken` is a COMPRESSION_ERROR. */
export async function judgeOfNode(block: Buffer): Promise<"broken" | "decoded"> {
  const head = frameHead(block.length, FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1);
  const sent = Buffer.concat([Buffer.from(PREFACE + settingsFrame([]) + head, "latin1"), block]);
  const answer = await answerOfNode(sent);
  return answer.some(({ type, error }) => type === FRAME.goAway && error === ERROR.compression) ? "broken" : "decoded";
}

export interface AnswerFrame {
  type: number;
  stream: number;
  /** Of a GOAWAY or RST_STREAM. */
  error: number;
}

const PING = Buffer.from(`${frameHead(8, FRAME.ping, 0, 0)}lastping`, "latin1");

/** The frames that a server of node:http2 answers with, to a connection that begins with these bytes and a PING. */
export async function answerOfNode(sent: Buffer): Promise<AnswerFrame[]> {
  const [ours, theirs] = duplexPair();
  const session: ServerHttp2Session = performServerHandshake(theirs);
  session.on("error", () => {});
  session.on("stream", (stream) => {
    stream.on("error", () => {});
    try {
      stream.respond({ ":status": 200 }, { endStream: true });
    } catch {
      // It was reset meanwhile.
    }
  });
  const parts: Buffer[] = [];
  let over = false;
  ours.on("data", (chunk: Buffer) => parts.push(chunk));
  ours.on("error", () => {});
  ours.on("end", () => {
    over = true;
  });
  ours.write(Buffer.concat([sent, PING]));
  await until(() => over || session.destroyed || framesIn(Buffer.concat(parts)).some(isEnd));
  // What follows the end in the same turn belongs to the answer.
  await new Promise(setImmediate);
  session.destroy();
  ours.destroy();
  return framesIn(Buffer.concat(parts));
}

function isEnd({ type }: AnswerFrame): boolean {
  return type === FRAME.goAway || type === FRAME.ping;
}

export function framesIn(bytes: Buffer): AnswerFrame[] {
  const frames: AnswerFrame[] = [];
  for (let at = 0; at + FRAME_HEAD <= bytes.length; ) {
    const length = bytes.readUIntBE(at, 3);
    const type = bytes[at + 3] ?? 0;
    const at2 = at + FRAME_HEAD + (type === FRAME.goAway ? 4 : 0);
    const says = (type === FRAME.goAway || type === FRAME.reset) && at2 + 4 <= bytes.length;
    frames.push({ type, stream: bytes.readUInt32BE(at + 5), error: says ? bytes.readUInt32BE(at2) : ERROR.none });
    at += FRAME_HEAD + length;
  }
  return frames;
}

async function until(is: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!is()) {
    if (performance.now() > deadline) throw new Error("node:http2 gave no answer");
    await new Promise(setImmediate);
  }
}
