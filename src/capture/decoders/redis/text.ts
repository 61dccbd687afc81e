import { isUtf8 } from "node:buffer";

/** An argument as text: UTF-8, else with `\x` for each byte that isn't printable. */
export function argumentText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  return bytes.toString("latin1").replace(/[^\x20-\x7e]/g, hex);
}

const NAMED: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
  '"': '\\"',
  "\\": "\\\\",
};

/** As redis-cli prints a string, but with letters of all languages left as they are. */
export function quoted(bytes: Buffer): string {
  const text = bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");
  const plain = isUtf8(bytes) ? /[\x00-\x1f\x7f"\\]/g : /[^\x20-\x7e]|["\\]/g;
  return `"${text.replace(plain, (one) => NAMED[one] ?? hex(one))}"`;
}

function hex(one: string): string {
  return `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** Words of an inline command, quotes undone as far as they matter for reading: `SET "a b" 'c'`. */
export function inlineWords(line: string): string[] {
  return (line.match(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s"']+/g) ?? []).map((word) =>
    /^["']/.test(word) ? word.slice(1).replace(/["']$/, "") : word,
  );
}

const HIDDEN = "…";

/** Arguments without passwords: those of AUTH, HELLO … AUTH, MIGRATE … AUTH, ACL SETUSER and of settings that are one. */
export function withoutSecrets(command: string, args: readonly string[]): readonly string[] {
  const [first = ""] = args;
  const verb = first.toUpperCase();
  switch (command) {
    case "AUTH":
      return args.map(() => HIDDEN);
    case "HELLO":
    case "MIGRATE": {
      const at = args.findIndex((arg) => /^auth2?$/i.test(arg));
      if (at === -1) return args;
      return args.map((arg, n) => (n > at && n <= at + 2 ? HIDDEN : arg));
    }
    case "ACL":
      return verb === "SETUSER" ? args.map((arg) => (/^[<>#!]/.test(arg) ? `${arg[0]}${HIDDEN}` : arg)) : args;
    case "CONFIG":
      if (verb !== "SET") return args;
      return args.map((arg, n) => (n > 1 && /pass|masterauth/i.test(args[n - 1] ?? "") ? HIDDEN : arg));
    default:
      return args;
  }
}
