import { glob } from "../../text/glob.ts";

/** Which names stand for credentials: of header fields, query parameters, form and JSON fields, columns. */

/** How a name is asked about: in an address or a form, OAuth's short names (`code`, `sig`) are credentials too. */
export type Place = "field" | "address";

const SECRET =
  /passw(or)?d|passphrase|passcode|secret|credential|authorization|api-?key|access-?key|private-?key|signing-?key|encryption-?key|session-?(id|key)|cookie|jwt|saml-?response|client-?assertion|code-?verifier|csrf|xsrf/;
/** `token`, but not what speaks about one: token_type, max_tokens, tokenizer. */
const TOKEN = /token(?!s?-?(type|count|limit|usage|length|expir|endpoint|ur[il]|i[sz]|per|budget|address))/;
const EXACT = new Set([
  "pass",
  "pwd",
  "pw",
  "auth",
  "otp",
  "totp",
  "pin",
  "sid",
  "cvv",
  "cvc",
  "card-number",
  "mfa-code",
]);
const IN_ADDRESSES = new Set(["code", "sig", "signature", "key", "assertion", "state-token", "x-amz-credential"]);
const IN_ADDRESS = /signature$|security-?token/;
const NOT = new Set(["cookie-policy", "cookie-consent"]);

/** A part of each of them. */
const ANY =
  /pass|pwd|pw|secret|credential|auth|key|session|cookie|jwt|saml|assertion|verifier|[cx]srf|token|otp|pin|sid|cv[vc]|card|mfa/i;

export interface Names {
  /** Whether a secret name may stand anywhere in a text: a quick look. */
  readonly mayStandIn: (text: string) => boolean;
  readonly isSecret: (name: string, place: Place) => boolean;
}

const known = new WeakMap<readonly string[], Names>();

/** The rules with a stack's own names added: `ssn`, `x-internal-*`. One object per list. */
export function namesOf(more: readonly string[]): Names {
  let names = known.get(more);
  if (names === undefined) {
    names = build(more);
    known.set(more, names);
  }
  return names;
}

/** Answers are kept for this many names: a body has few of them, often. */
const MOST_KNOWN = 2_000;

function build(more: readonly string[]): Names {
  const own = more.map((name) => glob(plain(name.replaceAll("*", "\0")).replaceAll("\0", "*")));
  const answers = { field: new Map<string, boolean>(), address: new Map<string, boolean>() };
  return {
    mayStandIn: (text) => own.length > 0 || ANY.test(text),
    isSecret: (name, place) => {
      const before = answers[place].get(name);
      if (before !== undefined) return before;
      const word = plain(name);
      const secret = own.some((matches) => matches(word)) || isKnown(word, place);
      if (answers[place].size < MOST_KNOWN && name.length < 200) answers[place].set(name, secret);
      return secret;
    },
  };
}

function isKnown(word: string, place: Place): boolean {
  if (NOT.has(word)) return false;
  if (SECRET.test(word) || TOKEN.test(word) || EXACT.has(word) || EXACT.has(lastWord(word))) return true;
  return place === "address" && (IN_ADDRESSES.has(word) || IN_ADDRESS.test(word));
}

/** Of `user[password]` and `login.pin`: what it is that is named. */
function lastWord(word: string): string {
  return /([a-z0-9]+)-?$/.exec(word)?.[1] ?? word;
}

/** One spelling for `accessToken`, `access_token`, `Access-Token`, `ACCESS TOKEN`. */
function plain(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9\0]+/g, "-")
    .replace(/^-(?=.)|(?<=.)-$/g, "");
}
