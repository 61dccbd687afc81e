import { type AnchorFamily, anchorStore } from "./anchors.ts";
import type { FindStores } from "./store.ts";

const FAMILY: AnchorFamily = {
  family: "Fedora",
  folders: ["/etc/pki/ca-trust/source/anchors"],
  ending: ".pem",
  update: ["update-ca-trust", "extract"],
  refresh: ["update-ca-trust", "extract"],
  bundle: "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
};

/** Fedora, RHEL and what is made of them. */
export const findFedora: FindStores = (where) => anchorStore(FAMILY, where);
