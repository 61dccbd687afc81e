import type { FaultCode } from "./codes.ts";

/**
 * Something that went wrong, as a value: a code to program against, a message that says what and where,
 * a hint that says what to do next. Functions below the CLI and the API return `T | Fault`; they don't throw for it.
 */
export interface Fault {
  readonly fault: FaultCode;
  /** What went wrong, where, and who is the culprit. One sentence, no full stop. */
  readonly message: string;
  /** The next step: a command to run or a line to change. */
  readonly hint?: string;
  /** Facts for programs: port, pid, file, line, key … */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export function fault(code: FaultCode, message: string, hint?: string, detail?: Record<string, unknown>): Fault {
  return { fault: code, message, ...(hint !== undefined && { hint }), ...(detail !== undefined && { detail }) };
}

export function isFault(value: unknown): value is Fault {
  return typeof value === "object" && value !== null && "fault" in value && "message" in value;
}

/** A fault thrown at the library's public face, where callers expect exceptions. */
export class CoveError extends Error {
  readonly code: FaultCode;
  readonly hint: string | undefined;
  readonly detail: Readonly<Record<string, unknown>> | undefined;

  constructor(from: Fault) {
    super(from.hint === undefined ? from.message : `${from.message}\n${from.hint}`);
    this.name = "CoveError";
    this.code = from.fault;
    this.hint = from.hint;
    this.detail = from.detail;
  }
}

/** The fault that an error was thrown for; null: it is another error. */
export function faultOf(error: unknown): Fault | null {
  if (!(error instanceof CoveError)) return null;
  const { code, hint, detail, message } = error;
  const own = hint === undefined ? message : message.slice(0, -hint.length - 1);
  return fault(code, own, hint, detail);
}

/** Unwraps a result where throwing is the contract (library, tests). Throws {@link CoveError}. */
export function orThrow<T>(result: T | Fault): T {
  if (isFault(result)) throw new CoveError(result);
  return result;
}
