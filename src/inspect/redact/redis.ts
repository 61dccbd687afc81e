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
  // A key's parts count one by one: `otp:ann`.
  const isName = (arg: string | undefined) =>
    arg !== undefined &&
    (/^(requirepass|masterauth)$/i.test(arg) ||
      [arg, ...arg.slice(0, 200).split(/[:/{}]/)].some((part) => names.isSecret(part.slice(0, 200), "field")));
  if (word === "HELLO" || word === "MIGRATE") return withLogin(word, args, hidden, other);
  // ACL SETUSER name >password <password #hash !hash
  if (word === "ACL")
    return args.map((arg, n) => (n > 1 && /^[><#!]./.test(arg) ? arg[0] + hidden(arg.slice(1)) : other(arg)));
  if (/^(?:EVAL|EVALSHA|FCALL)(?:_RO)?$/.test(word)) {
    const values = 2 + Number(args[1]);
    const ofSecret = args.slice(2, values).some(isName);
    return args.map((arg, n) => (ofSecret && n >= values ? hidden(arg) : other(arg)));
  }
  const secret = secretPlaces(word, args, isName);
  return args.map((arg, n) => (secret.has(n) ? hidden(arg) : other(arg)));
}

/** `HELLO 3 AUTH user password`, `MIGRATE … AUTH password`, `MIGRATE … AUTH2 user password`. */
function withLogin(
  word: string,
  args: readonly string[],
  hidden: (value: string) => string,
  other: (text: string) => string,
): string[] {
  const at = args.findIndex((arg) => /^AUTH2?$/i.test(arg));
  if (at === -1) return args.map(other);
  const password = at + (word === "MIGRATE" && args[at]?.length === 4 ? 1 : 2);
  return args.map((arg, n) => (n === password ? hidden(arg) : other(arg)));
}

/** Where names and values take turns: from which argument on. What stands before it is the key. */
const PAIRS: Readonly<Record<string, number>> = { MSET: 0, MSETNX: 0, HSET: 1, HMSET: 1, HSETNX: 1 };
/** Where the values of a key are: from which argument on, and whether it is one. */
const VALUES: Readonly<Record<string, readonly [from: number, one: boolean]>> = {
  ...{
    SET: [1, true],
    SETNX: [1, true],
    GETSET: [1, true],
    APPEND: [1, true],
    PUBLISH: [1, true],
    SISMEMBER: [1, true],
  },
  ...{ SETEX: [2, true], PSETEX: [2, true], SETRANGE: [2, true], LSET: [2, true], LREM: [2, true] },
  ...{
    LPUSH: [1, false],
    RPUSH: [1, false],
    LPUSHX: [1, false],
    RPUSHX: [1, false],
    SADD: [1, false],
    SREM: [1, false],
  },
  ...{ SMISMEMBER: [1, false], ZADD: [1, false], ZREM: [1, false], PFADD: [1, false] },
};
/** They take numbers only. */
const NUMBERS =
  /^(?:P?EXPIRE(?:AT)?|[ID]NCR(?:BY)?|DECR(?:BY)?|GETBIT|GETRANGE|LRANGE|ZRANGE|GETEX|SCAN|DEL|UNLINK|EXISTS|MGET|TTL)$/;

/** Places of the values that belong to secret names: SET user:1:token v, HSET user password v, CONFIG SET requirepass v. */
function secretPlaces(
  word: string,
  args: readonly string[],
  isName: (arg: string | undefined) => boolean,
): Set<number> {
  const places = new Set<number>();
  const pairs =
    word === "CONFIG"
      ? 1
      : word === "XADD"
        ? args.findIndex((arg) => /^(?:\*|\d+-[\d*]+)$/.test(arg)) + 1
        : PAIRS[word];
  if (pairs !== undefined) {
    const all = pairs > 0 && word !== "CONFIG" && isName(args[0]);
    for (let n = pairs; n + 1 < args.length; n += 2) if (all || isName(args[n])) places.add(n + 1);
    return places;
  }
  if (NUMBERS.test(word)) return places;
  const known = VALUES[word];
  if (known !== undefined) {
    const [from, one] = known;
    if (isName(args[0])) for (let n = from; n < (one ? from + 1 : args.length); n++) places.add(n);
    return places;
  }
  for (let n = 0; n + 1 < args.length; n++) if (!places.has(n) && isName(args[n])) places.add(n + 1);
  return places;
}
