import { type IncomingHttpHeaders, type RequestOptions, request } from "node:http";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Asks the door for `name` as a browser would, without the system's resolver having to know `*.localhost`. */
export function ask(port: number, name: string, options: RequestOptions & { body?: string } = {}): Promise<Answer> {
  const { body, headers, ...rest } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, path: "/", agent: false, headers: { host: `${name}:${port}`, ...headers }, ...rest },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    sent.setTimeout(20_000, () => sent.destroy(new Error(`${name} did not answer within 20 s`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Polls until `check` gives a value, at most `limit` ms (default 20,000). Throws with the last error after that. */
export async function eventually<T>(check: () => Promise<T | undefined> | T | undefined, limit = 20_000): Promise<T> {
  const deadline = performance.now() + limit;
  let last: unknown = "no value yet";
  while (performance.now() < deadline) {
    try {
      const value = await check();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within ${limit} ms`, { cause: last });
}
