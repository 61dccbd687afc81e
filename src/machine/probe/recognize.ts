/** The head of an HTTP answer, and its page's title. */
export interface HttpAnswer {
  readonly status: number;
  readonly reason: string;
  readonly server: string | null;
  readonly title: string | null;
  /** Where a redirect leads. */
  readonly location: string | null;
  /** A product that shows in what it said: `Elasticsearch`; null where nothing gives it away. */
  readonly product: string | null;
}

/** What a server sent when it was probed. */
export type Recognized =
  | { readonly protocol: "http"; readonly http: HttpAnswer }
  /** HTTP/2 without TLS, as gRPC servers use it. */
  | { readonly protocol: "http2" }
  | { readonly protocol: "tls" }
  | { readonly protocol: "postgres"; readonly tls: boolean }
  | { readonly protocol: "redis"; readonly password: boolean }
  /** `version` is what its greeting says. */
  | { readonly protocol: "ssh" | "smtp" | "ftp" | "imap" | "pop3" | "vnc" | "mysql"; readonly version: string }
  | { readonly protocol: "memcached" }
  /** A debugger of Node's or of another V8 program. */
  | { readonly protocol: "inspector" };

/** What products say of themselves over HTTP, in a field or in the page. */
const PRODUCTS = [
  [/You Know, for Search|opensearch\.org/i, "Elasticsearch"],
  [/\r\nServer: Docker\//i, "Docker's API"],
  [/trying to access MongoDB over HTTP/, "MongoDB"],
  [/\r\nX-ClickHouse-/i, "ClickHouse"],
  [/\r\nServer: CouchDB/i, "CouchDB"],
  [/\r\nServer: MinIO/i, "MinIO"],
  [/Ollama is running/, "a model server"],
  [/\r\nServer: TornadoServer[\s\S]*(jupyter|\/tree|\/lab)/i, "Jupyter"],
  [
    /\/@vite\/client|webpack-dev-server|\/_next\/static\/development|\r\nServer: (Werkzeug|SimpleHTTP)/i,
    "a development server",
  ],
] as const;

const GREETINGS = [
  [/^SSH-([^\r\n]+)/, "ssh"],
  [/^220[ -]([^\r\n]*\bE?SMTP\b[^\r\n]*)/i, "smtp"],
  [/^220[ -]([^\r\n]*)/, "ftp"],
  [/^\* (?:OK|PREAUTH) ?([^\r\n]*)/, "imap"],
  [/^\+OK ?([^\r\n]*)/, "pop3"],
  [/^RFB ([0-9.]+)/, "vnc"],
] as const;

/** What a server that speaks first is, by its greeting; null when the bytes are not recognized. */
export function recognizeGreeting(bytes: Buffer): Recognized | null {
  const text = bytes.toString("latin1");
  for (const [pattern, protocol] of GREETINGS) {
    const version = pattern.exec(text)?.[1];
    if (version !== undefined) return { protocol, version: shown(version) };
  }
  // MySQL's packet: three bytes of length, number 0, protocol 10, the version up to a NUL.
  if (bytes[3] === 0 && bytes[4] === 10 && bytes.length > 6) {
    const end = bytes.indexOf(0, 5);
    if (end > 5) return { protocol: "mysql", version: shown(bytes.toString("latin1", 5, end)) };
  }
  return null;
}

/** What a server is by its answer to an HTTP/1.1 request; null when the bytes are not recognized. */
export function recognizeHttp(bytes: Buffer): Recognized | null {
  const text = bytes.toString("latin1");
  const http = /^HTTP\/\d\.\d (\d{3}) ?([^\r\n]*)/.exec(text);
  if (http !== null) {
    const status = Number(http[1]);
    // Node, nginx, Go and Apache each have a sentence for a plain request at their TLS port.
    if (
      status === 400 &&
      /(plain HTTP request was sent to HTTPS|HTTP request to an HTTPS server|speaking plain HTTP)/.test(text)
    ) {
      return { protocol: "tls" };
    }
    if (status === 400 && text.includes("WebSockets request was expected")) return { protocol: "inspector" };
    const field = (name: string) => new RegExp(`\\r\\n${name}: *([^\\r\\n]*)`, "i").exec(text)?.[1] ?? null;
    const title = /<title[^>]*>([^<]*)/i.exec(bytes.toString("utf8"))?.[1] ?? null;
    return {
      protocol: "http",
      http: {
        status,
        reason: shown(http[2] ?? ""),
        server: orNull(field("server")),
        title: orNull(title),
        location: orNull(field("location")),
        product: PRODUCTS.find(([pattern]) => pattern.test(text))?.[1] ?? null,
      },
    };
  }
  // A frame's type stands behind three bytes of length; an HTTP/2 server begins with SETTINGS, type 4, on stream 0.
  if (bytes.length >= 9 && bytes[3] === 4 && bytes.readUInt32BE(5) === 0) return { protocol: "http2" };
  // An alert record: content type 21, version 3.x.
  if (bytes[0] === 21 && bytes[1] === 3) return { protocol: "tls" };
  if (/^-(ERR|NOAUTH|DENIED)/.test(text)) return { protocol: "redis", password: text.startsWith("-NOAUTH") };
  if (text.startsWith("ERROR\r\n")) return { protocol: "memcached" };
  return null;
}

/** What a server is by its answer to Postgres' SSLRequest: one byte. */
export function recognizePostgres(bytes: Buffer): Recognized | null {
  if (bytes.length !== 1) return null;
  return bytes[0] === 0x53 || bytes[0] === 0x4e ? { protocol: "postgres", tls: bytes[0] === 0x53 } : null;
}

/** What a server is by its answer to Redis' PING, which memcached knows as no command. */
export function recognizePing(bytes: Buffer): Recognized | null {
  const text = bytes.toString("latin1");
  if (text.startsWith("ERROR\r\n")) return { protocol: "memcached" };
  if (text.startsWith("+PONG")) return { protocol: "redis", password: false };
  return /^-(NOAUTH|DENIED|ERR)/.test(text) ? { protocol: "redis", password: text.startsWith("-NOAUTH") } : null;
}

/** A stranger's text as it may stand in a terminal: one line, without control characters, at most 120 of them. */
export function shown(text: string): string {
  const line = text
    .replace(/\s+/g, " ")
    .replace(/[\x00-\x1f\x7f-\x9f]/g, "")
    .trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

function orNull(text: string | null): string | null {
  const line = text === null ? "" : shown(text);
  return line === "" ? null : line;
}
