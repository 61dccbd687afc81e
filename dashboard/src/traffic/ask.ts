import type { Fault } from "../../../src/fault/fault.ts";
import { AWAY, isFault, unreadable } from "../home/api.ts";

/** Asks home for JSON below `/api/v1`. `body` is sent as JSON; a blob (a file) as it is. */
export async function ask<T extends object>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<T | Fault> {
  const sent = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers: { accept: "application/json", ...(body !== undefined && { "content-type": "application/json" }) },
      ...(sent !== undefined && { body: sent }),
      ...(signal !== undefined && { signal }),
    });
    const answer: unknown = await response.json();
    if (typeof answer !== "object" || answer === null) return unreadable(response.status);
    if ("error" in answer && isFault(answer.error)) return answer.error;
    return response.ok ? (answer as T) : unreadable(response.status);
  } catch {
    return AWAY;
  }
}
