import { connect, type Socket } from "node:net";
import type { PeerCertificate } from "node:tls";
import type { Address } from "../../address/address.ts";
import { classify } from "../../address/classify.ts";
import { formatAddress } from "../../address/parse.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import {
  type HttpAnswer,
  type Recognized,
  recognizeGreeting,
  recognizeHttp,
  recognizePing,
  recognizePostgres,
  shown,
} from "./recognize.ts";

/** A server's certificate, in short. */
interface CertificateSummary {
  readonly subject: string | null;
  readonly issuer: string | null;
  readonly names: readonly string[];
  /** Epoch ms. */
  readonly validTo: number;
  readonly selfSigned: boolean;
}

/** What answers at an address. */
export type Answer =
  | Exclude<Recognized, { protocol: "tls" }>
  | {
      readonly protocol: "tls";
      /** `TLSv1.3`. */
      readonly version: string | null;
      readonly certificate: CertificateSummary | null;
      readonly http: HttpAnswer | null;
    }
  /** Nothing listens, or it didn't accept within a second; `code` is the system's. */
  | { readonly protocol: "none"; readonly code: string }
  /** It accepts connections, and answers in no way that is known. */
  | { readonly protocol: "unknown"; readonly said: string | null };

export interface ProbeOptions {
  /** The name to ask for, in `Host` and TLS' server name. Default: the address itself. */
  readonly name?: string;
  /** What is most likely there, to be tried first: a server shouldn't have to complain about a wrong protocol in its log. */
  readonly likely?: "http" | "tls" | "postgres" | "redis" | undefined;
}

/** One try's time, connecting included, ms. */
const TRY_TIME = 1_000;
/** How long a server that speaks first is waited for, ms. */
const GREETING_TIME = 250;
/** What is read of a page, to find its title in, bytes. */
const ENOUGH = 64 * 1024;

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Asks a server on loopback what it is: waits for a greeting (SSH, SMTP, MySQL …), then asks in HTTP, TLS, Postgres' and
 * Redis' ways, a second each at most. Nothing is logged in to, nothing changes. Faults: UNSUPPORTED for other addresses.
 */
export async function probe(address: Address, options: ProbeOptions = {}): Promise<Answer | Fault> {
  if (classify(address.host) !== "loopback") {
    return fault(
      "UNSUPPORTED",
      `${formatAddress(address)} is not on loopback`,
      "Cove probes only servers on this machine's loopback addresses (127.x.x.x, ::1)",
    );
  }
  const name = options.name ?? formatAddress(address);
  const greeting = await exchange(address, null, GREETING_TIME);
  if (greeting.refused !== null) return { protocol: "none", code: greeting.refused };
  const greeted = recognizeGreeting(greeting.bytes);
  if (greeted !== null && greeted.protocol !== "tls") return greeted;

  const request = `GET / HTTP/1.1\r\nHost: ${name}\r\nUser-Agent: cove-explain\r\nAccept: text/html, */*\r\nConnection: close\r\n\r\n`;
  let said = greeting.bytes;
  const ways = {
    http: async () => {
      said = (await exchange(address, request)).bytes;
      return recognizeHttp(said);
    },
    tls: () => overTls(address, options.name ?? null, request),
    postgres: async () => recognizePostgres((await exchange(address, SSL_REQUEST)).bytes),
    redis: async () => recognizePing((await exchange(address, "PING\r\n")).bytes),
  };
  const first = options.likely ?? "http";
  const order = [first, ...(["http", "tls", "postgres", "redis"] as const).filter((way) => way !== first)];
  for (const way of order) {
    const found = await ways[way]();
    if (found === null) continue;
    if (found.protocol !== "tls" || "certificate" in found) return found;
    const secure = await ways.tls();
    if (secure !== null) return secure;
  }
  const text = shown(said.toString("latin1"));
  return { protocol: "unknown", said: text === "" ? null : text };
}

interface ProbeExchange {
  readonly bytes: Buffer;
  /** Why there is no connection. */
  readonly refused: string | null;
}

/** Connects, sends, and returns what came back in time; earlier when the server closes or enough has come. */
function exchange({ host, port }: Address, send: string | Buffer | null, time = TRY_TIME): Promise<ProbeExchange> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let refused: string | null = "ETIMEDOUT";
    collect(socket, time, (bytes) => resolve({ bytes, refused }));
    socket.on("connect", () => {
      refused = null;
      if (send !== null) socket.write(send);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (refused !== null) refused = error.code ?? error.message;
    });
  });
}

/** Gathers what a socket says until it ends, the time is over, or a whole answer is there. */
function collect(socket: Socket, time: number, done: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const timer = setTimeout(() => socket.destroy(), time);
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    // HTTP servers close by themselves; others have sent all that matters in their first bytes.
    if (length >= ENOUGH || (chunks.length === 1 && !chunk.toString("latin1", 0, 5).startsWith("HTTP")))
      socket.destroy();
  });
  socket.on("close", () => {
    clearTimeout(timer);
    done(Buffer.concat(chunks));
  });
}

async function overTls({ host, port }: Address, name: string | null, request: string): Promise<Answer | null> {
  // Loaded only when needed: it takes as long as a whole small command.
  const { connect: connectTls } = await import("node:tls");
  return new Promise((resolve) => {
    const servername = name?.replace(/:\d+$/, "");
    let found: { version: string | null; certificate: CertificateSummary | null } | null = null;
    // The certificate is only shown, not trusted.
    const socket = connectTls({ host, port, rejectUnauthorized: false, ...(servername && { servername }) });
    collect(socket, TRY_TIME, (bytes) => {
      const inner = found === null ? null : recognizeHttp(bytes);
      resolve(found && { protocol: "tls", ...found, http: inner?.protocol === "http" ? inner.http : null });
    });
    socket.on("secureConnect", () => {
      found = { version: socket.getProtocol(), certificate: summary(socket.getPeerCertificate()) };
      socket.write(request);
    });
    socket.on("error", () => {});
  });
}

function summary(certificate: PeerCertificate): CertificateSummary | null {
  // A server without a certificate gives an empty object.
  if (certificate.subject === undefined) return null;
  const { subject, issuer, subjectaltname = "", valid_to } = certificate;
  return {
    subject: first(subject.CN ?? subject.O),
    issuer: first(issuer.CN ?? issuer.O),
    names: subjectaltname
      .split(", ")
      .flatMap((entry) => (entry === "" ? [] : [shown(entry.replace(/^\w[\w ]*:/, ""))])),
    validTo: Date.parse(valid_to),
    selfSigned: JSON.stringify(subject) === JSON.stringify(issuer),
  };
}

function first(value: string | string[] | undefined): string | null {
  const text = Array.isArray(value) ? value[0] : value;
  return text === undefined ? null : shown(text);
}
