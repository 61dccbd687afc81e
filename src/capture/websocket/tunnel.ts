import { type CapturedBody, keep, keptBytes, newBody } from "../body.ts";
import type { HttpExchange, Message } from "../exchange.ts";
import type { Recorder } from "../recorder.ts";
import { extensionsOf, isWebSocket } from "./extensions.ts";
import { CLOSE, CONTINUATION, type FrameSink, frameScanner, PING, TEXT } from "./frames.ts";
import { createInflater, type Inflater } from "./inflater.ts";
import { type MessageList, messageList } from "./message-list.ts";

/** Reads what follows an upgrade. */
export interface TunnelReader {
  readonly up: (bytes: Buffer, clock: number) => void;
  readonly down: (bytes: Buffer, clock: number) => void;
  readonly closed: (clock: number, error: string | null) => void;
}

const NOBODY: TunnelReader = { up: () => {}, down: () => {}, closed: () => {} };
const NOTHING = Buffer.alloc(0);

/** The reader for the protocol that a response with status 101 switched to; what is no WebSocket isn't read. */
export function readTunnel(recorder: Recorder, exchange: HttpExchange | null, responseHead: string): TunnelReader {
  if (exchange === null || !isWebSocket(responseHead)) return NOBODY;
  const deflate = extensionsOf(responseHead);
  // An extension that isn't known may change every frame.
  if (deflate === "unknown") return NOBODY;
  const list = messageList(recorder, exchange);
  const up = readDirection("up", exchange, list, deflate === null ? null : deflate.clientTakeover);
  const down = readDirection("down", exchange, list, deflate === null ? null : deflate.serverTakeover);
  return {
    up: up.read,
    down: down.read,
    closed: () => {
      up.close();
      down.close();
    },
  };
}

interface Direction {
  readonly read: (bytes: Buffer, clock: number) => void;
  readonly close: () => void;
}

/** `takeover`: of permessage-deflate's context; null where nothing is compressed. */
function readDirection(
  way: "up" | "down",
  exchange: HttpExchange,
  list: MessageList,
  takeover: boolean | null,
): Direction {
  const most = exchange.edge.policy.bodies;
  let now = 0;
  let lost = false;
  /** The message that is being sent, over all of its frames. */
  let kind: "text" | "binary" | null = null;
  let body = newBody();
  let compressed = false;
  let inflater: Inflater | null = null;
  /** The control frame in between; null in a data frame. */
  let control: "ping" | "pong" | "close" | null = null;
  let controlBody = newBody();
  let final = false;

  function add(what: Message["kind"], size: number, data: Buffer): Message {
    const message = { way, at: now - exchange.clock, kind: what, size, data };
    list.add(message);
    return message;
  }

  function keepPiece(into: CapturedBody, bytes: Buffer, from: number, to: number): void {
    if (keep(into, bytes, from, to, most) === 0) return;
    const piece = into.kept.at(-1);
    if (piece !== undefined) scanner.unmask(piece);
  }

  const sink: FrameSink = {
    begin: (opcode, last, deflated) => {
      if (opcode >= CLOSE) {
        if (deflated) return false;
        control = opcode === CLOSE ? "close" : opcode === PING ? "ping" : "pong";
        controlBody = newBody();
        return true;
      }
      control = null;
      final = last;
      if ((opcode === CONTINUATION) !== (kind !== null)) return false;
      if (opcode === CONTINUATION) return !deflated;
      if (deflated && takeover === null) return false;
      kind = opcode === TEXT ? "text" : "binary";
      compressed = deflated;
      body = newBody();
      return true;
    },
    payload: (bytes, from, to) => {
      if (control !== null) return keepPiece(controlBody, bytes, from, to);
      if (!compressed) return keepPiece(body, bytes, from, to);
      const piece = Buffer.from(bytes.subarray(from, to));
      scanner.unmask(piece);
      body.size += piece.length;
      inflater ??= createInflater(takeover === true, most);
      inflater.push(piece);
    },
    end: () => {
      if (control !== null) {
        add(control, controlBody.size, keptBytes(controlBody));
        control = null;
        return true;
      }
      if (!final || kind === null) return true;
      const ended = kind;
      kind = null;
      if (!compressed) {
        add(ended, body.size, keptBytes(body));
        body = newBody();
        return true;
      }
      // It has its place now, and its content when it is inflated. What can't be inflated has the size that was sent.
      const message = add(ended, body.size, NOTHING);
      inflater ??= createInflater(takeover === true, most);
      inflater.finish((whole) => {
        if (whole !== null) list.fill(message, whole.size, keptBytes(whole));
      });
      return true;
    },
  };
  const scanner = frameScanner(way === "up", sink);

  return {
    read: (bytes, clock) => {
      if (lost) return;
      now = clock;
      if (scanner.scan(bytes)) return;
      lost = true;
      inflater?.close();
    },
    close: () => {
      lost = true;
      inflater?.close();
    },
  };
}
