import { join } from "node:path";
import { classify } from "../../../address/classify.ts";
import { isUnreadable, readUserText } from "../../../text/user-text.ts";

/** The addresses that a hosts file (hosts(5)) gives a name, in its order. */
export function addressesIn(hostsFile: string, name: string): string[] {
  const wanted = name.replace(/\.$/, "").toLowerCase();
  return hostsFile.split("\n").flatMap((line) => {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    const given = names.some((one) => one.toLowerCase() === wanted);
    return given && classify(address) !== "name" ? [address] : [];
  });
}

/** This system's hosts file; empty where it can't be read. */
export function readHostsFile(): string {
  const path =
    process.platform === "win32"
      ? join(process.env.SystemRoot ?? "C:\\Windows", "System32", "drivers", "etc", "hosts")
      : "/etc/hosts";
  const text = readUserText(path);
  return isUnreadable(text) ? "" : text;
}
