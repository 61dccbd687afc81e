import { createLeaves } from "../../certificates/leaves.ts";
import { createOwnCertificates } from "../../certificates/own-certificates.ts";
import type { CertificateFor } from "../../door/tls/handshake.ts";
import type { Routes } from "../../door/upstream/routes.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Model } from "../model/model.ts";

/** What the door shows to TLS clients. */
export interface Certificates {
  readonly certificateFor: CertificateFor;
  readonly close: () => Promise<void>;
}

/** Certificates of stacks' own, else those of this user's authority. `warn` is told what concerns all stacks. */
export function openCertificates(
  folder: string,
  model: Model,
  routes: Routes,
  warn: (fault: Fault) => void,
): Certificates {
  const leaves = createLeaves({
    stateFolder: folder,
    // Not what a wildcard matches, which anyone can have a browser ask for.
    keep: (name) => routes.names().includes(name),
    replaced: (why) =>
      warn(fault("CERTIFICATES_BROKEN", `${why}; another one took its place`, "trust it anew: cove trust")),
  });
  const own = createOwnCertificates((files, why) => {
    for (const { id, facts } of model.stacks.values()) {
      const names = facts.https?.certificates.some(({ cert, key }) => cert === files.cert && key === files.key);
      if (names) model.logOwn(id, `${why.fault}  ${why.message}; ${why.hint}`);
    }
  });
  let failed = "";

  return {
    certificateFor: async (name) => {
      if (name !== null) {
        for (const { facts } of model.stacks.values()) {
          const found = own.find(name, facts.https?.certificates ?? []);
          if (found !== null) return found;
        }
      }
      const made = await leaves.leaf(name);
      if (isFault(made) && made.fault !== "NAME_UNKNOWN" && made.message !== failed) {
        failed = made.message;
        warn(made);
      }
      return made;
    },
    close: leaves.close,
  };
}
