import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  /** Interim responses before it. */
  readonly interim: IncomingHttpHeaders[];
  readonly body: string;
}

/** A connection to the door that speaks HTTP/2 with prior knowledge, and asks for services by name. */
export interface Http2Client {
  readonly session: ClientHttp2Session;
  readonly request: (
    name: string,
    headers?: OutgoingHttpHeaders,
    options?: { endStream: boolean },
  ) => ClientHttp2Stream;
  readonly ask: (name: string, headers?: OutgoingHttpHeaders, body?: string | Buffer) => Promise<Http2Answer>;
  readonly close: () => void;
}

export function http2Client(port: number, settings: { initialWindowSize?: number } = {}): Http2Client {
  const session = connect(`http://127.0.0.1:${port}`, { settings });
  session.on("error", () => {});
  const request: Http2Client["request"] = (name, headers = {}, options) =>
    session.request({ ":authority": `${name}:${port}`, ":path": "/", ...headers }, options);
  return {
    session,
    request,
    ask: (name, headers = {}, body) => {
      const stream = request(name, headers, { endStream: body === undefined });
      const answer = answerOf(stream);
      if (body !== undefined) stream.end(body);
      return answer;
    },
    close: () => session.destroy(),
  };
}

/** What a stream is answered with, in full. Throws where it is cut. */
export function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const interim: IncomingHttpHeaders[] = [];
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.setTimeout(20_000, () => stream.destroy(new Error("no answer within 20 s")));
    stream.on("headers", (head) => interim.push(head));
    stream.on("response", (head) => {
      headers = head;
    });
    stream.on("trailers", (found) => {
      trailers = found;
    });
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("error", reject);
    stream.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      // Trailers come with the end.
      setImmediate(() => resolve({ status: Number(headers[":status"]), headers, trailers, interim, body }));
    });
  });
}
