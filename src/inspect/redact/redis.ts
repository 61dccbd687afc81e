import type { Names } from "./names.ts";
import { HIDDEN } from "./text.ts";

/** Hides what redis commands carry of credentials: AUTH's and HELLO's, MIGRATE's, ACL's, CONFIG SET's, and values of keys named like some. */
export function hideRedis(
  command: string,
  args: readonly string[],
  names: Names,
  count: () => void,
  other: (text: string) => string,
): string[] {
  const hidden = (value: string): string => {
    if (value === "") return value;
    count();
    return HIDDEN;
  };
  const word = command.toUpperCase();
  // AUTH [user] password: the user stays.
  if (word === "AUTH") return args.map((arg, n) => (n === args.length - 1 || n > 0 ? hidden(arg) : arg));
  if (word === "EVAL" || word === "EVALSHA") return args.map(other);
  let after = 0;
  let secretKey = false;
  return args.map((arg, n) => {
    const upper = arg.length < 20 ? arg.toUpperCase() : "";
    if (after > 0) {
      after--;
      // The user of AUTH user password.
      return after === 1 ? arg : hidden(arg);
    }
    if ((word === "HELLO" || word === "MIGRATE") && (upper === "AUTH" || upper === "AUTH2")) {
      after = word === "MIGRATE" && upper === "AUTH" ? 1 : 2;
      return arg;
    }
    // ACL SETUSER name >password <password #hash !hash
    if (word === "ACL" && n > 1 && /^[><#!]./.test(arg)) return arg[0] + hidden(arg.slice(1));
    const value = secretKey && n > 0 ? hidden(arg) : other(arg);
    // A name, and its value behind it: SET user:1:token v, HSET user password v, CONFIG SET requirepass v.
    secretKey = names.isSecret(arg.slice(0, 200), "field") || /^(requirepass|masterauth)$/i.test(arg);
    return value;
  });
}
