/** An error as Toxiproxy's API words it: the body of an answer with that status. */
export interface ApiError {
  readonly error: string;
  readonly status: number;
}

const problem = (error: string, status: number): ApiError => ({ error, status });

export const badBody = (why: string) => problem(`bad request body: ${why}`, 400);
export const missingField = (field: string) => problem(`missing required field: ${field}`, 400);
export const cannotListen = (why: string) => problem(why, 500);
export const notAllowed = (why: string) => problem(why, 403);
export const PROXY_UNKNOWN = problem("proxy not found", 404);
export const PROXY_EXISTS = problem("proxy already exists", 409);
export const STREAM_INVALID = problem("stream was invalid, can be either upstream or downstream", 400);
export const TYPE_INVALID = problem("invalid toxic type", 400);
export const TOXIC_EXISTS = problem("toxic already exists", 409);
export const TOXIC_UNKNOWN = problem("toxic not found", 404);

export function isApiError(value: unknown): value is ApiError {
  return typeof value === "object" && value !== null && "error" in value && "status" in value;
}
