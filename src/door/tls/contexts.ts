import { randomBytes } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { ServerCertificate } from "../../certificates/leaves.ts";
import { type Fault, fault } from "../../fault/fault.ts";

/** Session tickets are sealed with a key of this size (name, HMAC and AES keys), bytes. */
const TICKET_KEYS = 48;
/** A stolen key opens the tickets of this long, ms. Clients with older ones make a full handshake. */
const TICKET_KEY_TIME = 6 * 3_600_000;
/** How long a session can be resumed, s. */
const SESSION_TIME = 3_600;

/** What OpenSSL made of certificates: one context each, and one ticket key for all of them. */
export interface Contexts {
  /** Fault: CERTIFICATE_FAILED, a certificate or key that OpenSSL doesn't take. */
  readonly of: (certificate: ServerCertificate) => SecureContext | Fault;
}

export function createContexts(now: () => number = Date.now): Contexts {
  let made = new WeakMap<ServerCertificate, SecureContext>();
  let keys = { bytes: randomBytes(TICKET_KEYS), since: now() };

  return {
    of: (certificate) => {
      if (now() - keys.since > TICKET_KEY_TIME) {
        keys = { bytes: randomBytes(TICKET_KEYS), since: now() };
        made = new WeakMap();
      }
      const known = made.get(certificate);
      if (known !== undefined) return known;
      try {
        const context = createSecureContext({
          cert: certificate.chain,
          key: certificate.key,
          ticketKeys: keys.bytes,
          sessionTimeout: SESSION_TIME,
          minVersion: "TLSv1.2",
        });
        made.set(certificate, context);
        return context;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return fault("CERTIFICATE_FAILED", `a certificate can't be used: ${why}`);
      }
    },
  };
}
