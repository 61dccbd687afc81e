import type { Decoder, DecoderKind, DecoderLink } from "../../decoder.ts";
import { consumerMessages } from "./from-client.ts";
import { serverMessages } from "./from-server.ts";
import { endAll, newSession, type Session } from "./session.ts";

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;
/** As the server has it (MAX_STARTUP_PACKET_LENGTH). */
const MOST_STARTUP = 10_000;

/** Postgres' protocol 3 on a relay: each statement that is run is an exchange. */
export const postgres: DecoderKind = {
  protocol: "postgres",
  fits: (bytes) => {
    if (bytes.length < 8) return false;
    const length = bytes.readInt32BE(0);
    const code = bytes.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) return length === 8;
    if (code === CANCEL_REQUEST) return length >= 16 && length <= 272;
    return code >> 16 === 3 && length > 8 && length <= MOST_STARTUP;
  },
  open,
};

function open(link: DecoderLink): Decoder {
  let input = Buffer.alloc(0);
  /** Bytes of the consumer so far. */
  let received = 0;
  /** The server is asked whether it encrypts. */
  let asked = false;
  let over = false;
  let session: Session | null = null;
  let readUp: (bytes: Buffer) => boolean = () => true;
  let readDown: (bytes: Buffer) => boolean = () => true;

  function giveUp(what: "tls" | "unknown" = "unknown"): void {
    over = true;
    if (session !== null)
      endAll(session, { code: "EPROTO", message: "what followed on the connection is not Postgres' protocol 3" });
    link.lost(what);
  }

  /** Messages without a type, before the server lets anyone in. */
  function startup(bytes: Buffer): void {
    input = Buffer.concat([input, bytes]);
    received += bytes.length;
    while (!asked && session === null && input.length >= 8) {
      const length = input.readInt32BE(0);
      const code = input.readInt32BE(4);
      if (length < 8 || length > MOST_STARTUP) return giveUp();
      if (input.length < length) return;
      const message = input.subarray(8, length);
      input = input.subarray(length);
      if (code === SSL_REQUEST || code === GSS_REQUEST) asked = true;
      else if (code === CANCEL_REQUEST) over = true;
      else if (code >> 16 !== 3) return giveUp();
      else {
        const { user = null, database = user } = parametersIn(message);
        session = newSession(link, user, database);
        const rest = input;
        readUp = consumerMessages(session, received - rest.length);
        readDown = serverMessages(session);
        input = Buffer.alloc(0);
        if (rest.length > 0 && !readUp(rest)) return giveUp();
      }
      if (over) return;
    }
    if (input.length > MOST_STARTUP) giveUp();
  }

  return {
    up: (bytes, clock) => {
      if (over) return;
      if (session === null) return startup(bytes);
      session.now = clock;
      if (!readUp(bytes)) giveUp();
    },
    down: (bytes, clock) => {
      if (over || bytes.length === 0) return;
      if (session !== null) {
        session.now = clock;
        if (!readDown(bytes)) giveUp();
        else {
          const running = session.queue.first()?.exchange;
          if (running != null) link.recorder.grew(running, 0);
        }
        return;
      }
      const [answer] = bytes;
      if (asked && (answer === 0x53 || answer === 0x47)) return giveUp("tls");
      if (!asked || answer !== 0x4e || bytes.length > 1) {
        // An error, after which the server closes the connection.
        if (answer === 0x45) over = true;
        else giveUp();
        return;
      }
      asked = false;
      startup(Buffer.alloc(0));
    },
    end: () => {},
    closed: (clock, error) => {
      if (over || session === null) return;
      over = true;
      session.now = clock;
      endAll(session, { code: error ?? "closed", message: "the connection ended before the statement did" });
    },
  };
}

/** `name\0value\0…\0`. */
function parametersIn(message: Buffer): { user?: string; database?: string } {
  const texts = message.toString("utf8").split("\0");
  const found: { user?: string; database?: string } = {};
  for (let n = 0; n + 1 < texts.length && texts[n] !== ""; n += 2) {
    const value = texts[n + 1] ?? "";
    if (texts[n] === "user") found.user = value;
    if (texts[n] === "database") found.database = value;
  }
  return found;
}
