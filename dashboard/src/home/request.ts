import { type Fault, isFault } from "../../../src/fault/fault.ts";

/** Where home's API starts. */
const API = "/api/v1";

type Query = Readonly<Record<string, string>>;

interface RequestOptions {
  /** Sent as JSON; a blob (a file) as it is. */
  readonly body?: object;
  readonly signal?: AbortSignal;
  /** Home sends the answer again only after a change; without one, the same object as before is returned. */
  readonly remember?: boolean;
}

interface Remembered {
  readonly etag: string;
  readonly answer: object;
}

const UNREACHABLE: Fault = {
  fault: "HOME_UNREACHABLE",
  message: "Cove isn't running, so nothing was done",
  hint: "any cove command starts it again",
};

const remembered = new Map<string, Remembered>();
const onLocked = new Set<() => void>();

/** Calls `listener` whenever home doesn't know this browser (401). */
export function whenLocked(listener: () => void): void {
  onLocked.add(listener);
}

/** A URL of home's API: for links, streams and requests. Empty values of `query` are left out. */
export function apiUrl(path: string, query: Query = {}): string {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  return `${API}${path}${given === "" ? "" : `?${given}`}`;
}

/** Sends one request to home and reads its answer as JSON. */
export async function request<T extends object>(
  method: "GET" | "POST" | "PUT" | "DELETE",
  url: string,
  { body, signal, remember = false }: RequestOptions = {},
): Promise<T | Fault> {
  const before = remember ? remembered.get(url) : undefined;
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(before !== undefined && { "if-none-match": before.etag }),
      },
      // The page remembers by itself; the browser's cache would answer in its own way.
      ...(remember && { cache: "no-store" as const }),
      ...(body !== undefined && { body: body instanceof Blob ? body : JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    if (response.status === 304 && before !== undefined) return before.answer as T;
    if (response.status === 401) for (const listener of onLocked) listener();
    const answer: unknown = await response.json();
    if (typeof answer !== "object" || answer === null) return unreadable(response.status);
    if ("error" in answer && isFault(answer.error)) return answer.error;
    if (!response.ok) return unreadable(response.status);
    if (remember) remembered.set(url, { etag: response.headers.get("etag") ?? "", answer });
    return answer as T;
  } catch {
    return UNREACHABLE;
  }
}

function unreadable(status: number): Fault {
  return { fault: "INTERNAL", message: `Cove answered with ${status} and no JSON`, hint: "run: cove doctor" };
}
