/** What a child's standard streams are: a pipe to this process, a descriptor of this process, or (for input) nothing. */
export interface ChildStdio {
  readonly stdin: "nothing" | "pipe" | number;
  readonly stdout: "pipe" | number;
  readonly stderr: "pipe" | number;
}

export const PIPES: ChildStdio = { stdin: "nothing", stdout: "pipe", stderr: "pipe" };

/** The same as Node's `spawn` takes it. */
export function nodeStdio({ stdin, stdout, stderr }: ChildStdio): ("ignore" | "pipe" | number)[] {
  return [stdin === "nothing" ? "ignore" : stdin, stdout, stderr];
}
