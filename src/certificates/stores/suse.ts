import { type AnchorFamily, anchorStore } from "./anchors.ts";
import type { FindStores } from "./store.ts";

const FAMILY: AnchorFamily = {
  family: "SUSE",
  folders: ["/etc/pki/trust/anchors", "/usr/share/pki/trust/anchors"],
  ending: ".pem",
  update: ["update-ca-certificates"],
  refresh: ["update-ca-certificates"],
  bundle: "/var/lib/ca-certificates/ca-bundle.pem",
};

/** SUSE and openSUSE. */
export const findSuse: FindStores = (where) => anchorStore(FAMILY, where);
