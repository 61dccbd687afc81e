import { darwin } from "./systems/darwin/darwin.ts";
import { linux } from "./systems/linux/linux.ts";
import type { Holder, Machine } from "./systems/system.ts";
import { windows } from "./systems/windows/windows.ts";

/** This machine. Systems other than Linux, macOS and Windows get the macOS way, which needs only lsof, netstat and ps. */
export const machine: Machine = process.platform === "linux" ? linux : process.platform === "win32" ? windows : darwin;

/** A holder for people: `node server.js (pid 812, user ann)`. Passwords in URLs are hidden, long lines cut. */
export function describeHolder(holder: Holder): string {
  const facts = [
    ...(holder.pid === null ? [] : [`pid ${holder.pid}`]),
    ...(holder.user === null ? (holder.uid === null ? [] : [`uid ${holder.uid}`]) : [`user ${holder.user}`]),
  ].join(", ");
  const command = holder.command === null ? "a process that this user may not see" : shortCommand(holder.command);
  return facts === "" ? command : `${command} (${facts})`;
}

function shortCommand(command: string): string {
  // The program's folder says little and is long; Windows quotes a program with spaces in its path.
  const program = /^"([^"]+)"|^(\S+)/.exec(command);
  const whole = program?.[0] ?? "";
  const name = (program?.[1] ?? program?.[2] ?? "").replace(/^.*[/\\](?=[^/\\])/, "");
  const text = `${name}${command.slice(whole.length)}`.replace(/(:\/\/[^:/@\s]*:)[^@\s]*@/g, "$1•••@");
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
