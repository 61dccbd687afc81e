import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { sleep } from "../../../async/sleep.ts";
import { retryWhenLocked } from "../../../state/retry-when-locked.ts";
import { getSetting, setSetting } from "../../../state/settings.ts";
import type { State } from "../../../state/state.ts";

/** The dashboard's cookie; only on cove.localhost, since cookies don't tell ports apart (RFC 6265 §8.5). */
export const COOKIE = "cove_session";
/** How long a browser stays logged in, ms. */
export const SESSION_TIME = 30 * 24 * 3_600_000;
/** How long a one-time link can be used, ms. */
const LINK_TIME = 60_000;
/** Browsers logged in at once; the oldest gives way. */
const MOST_SESSIONS = 20;
/** Wrong tokens that are answered without a delay: a shell with an old one tries a few times. */
const FREE_GUESSES = 10;
/** The span over which wrong tokens are counted, ms. */
const GUESS_SPAN = 60_000;
/** How long the answer to every further wrong one is held back, ms. */
const GUESS_DELAY = 1_000;
const SETTING = "dashboard.sessions";

const kept = z.array(z.object({ hash: z.string(), since: z.number() })).catch([]);

/** Who may use the API: holders of the token, and browsers that came by a one-time link. */
export interface Auth {
  /** Judges an Authorization header (RFC 6750 §2.1). */
  readonly bearer: (header: string | null | undefined) => boolean;
  /** Delays the answer to a wrong token or cookie: not for the first ten in a minute, then a second each. */
  readonly wrong: () => Promise<void>;
  /** The secret of a new one-time link. */
  readonly link: () => string;
  /** A link's secret for a cookie's value; null when it is unknown, used or older than 60 s. */
  readonly redeem: (secret: string) => string | null;
  readonly cookie: (value: string) => boolean;
}

export function createAuth(state: State, token: string): Auth {
  const wanted = digest(token);
  const links = new Map<string, number>();
  // Only hashes are kept, on disk too: the file alone logs nobody in.
  let sessions = kept.parse(getSetting(state, SETTING) ?? []);

  let guesses = { since: 0, count: 0 };

  return {
    wrong: async () => {
      const now = performance.now();
      if (now - guesses.since > GUESS_SPAN) guesses = { since: now, count: 0 };
      if (++guesses.count > FREE_GUESSES) await sleep(GUESS_DELAY);
    },
    bearer: (header) => {
      const given = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
      return given !== undefined && timingSafeEqual(digest(given), wanted);
    },
    link: () => {
      const now = Date.now();
      for (const [hash, until] of links) if (until < now) links.delete(hash);
      const secret = randomBytes(32).toString("base64url");
      links.set(digest(secret).toString("hex"), now + LINK_TIME);
      return secret;
    },
    redeem: (secret) => {
      const hash = digest(secret).toString("hex");
      const until = links.get(hash);
      links.delete(hash);
      if (until === undefined || until < Date.now()) return null;
      const value = randomBytes(32).toString("base64url");
      const since = Date.now();
      sessions = [...sessions, { hash: digest(value).toString("hex"), since }].slice(-MOST_SESSIONS);
      void retryWhenLocked(() => setSetting(state, SETTING, sessions));
      return value;
    },
    // Found by its hash: how long that takes says nothing about the secret.
    cookie: (value) => {
      const hash = digest(value).toString("hex");
      return sessions.some((session) => session.hash === hash && session.since + SESSION_TIME > Date.now());
    },
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
