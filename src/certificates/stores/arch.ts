import { type AnchorFamily, anchorStore } from "./anchors.ts";
import type { FindStores } from "./store.ts";

const FAMILY: AnchorFamily = {
  family: "Arch",
  folders: ["/etc/ca-certificates/trust-source/anchors"],
  ending: ".crt",
  update: ["trust", "extract-compat"],
  refresh: ["trust", "extract-compat"],
  bundle: "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
};

/** Arch Linux and what is made of it. */
export const findArch: FindStores = (where) => anchorStore(FAMILY, where);
