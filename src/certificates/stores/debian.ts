import { type AnchorFamily, anchorStore } from "./anchors.ts";
import type { FindStores } from "./store.ts";

const FAMILY: AnchorFamily = {
  family: "Debian",
  folders: ["/usr/local/share/ca-certificates"],
  ending: ".crt",
  update: ["update-ca-certificates"],
  refresh: ["update-ca-certificates", "--fresh"],
  bundle: "/etc/ssl/certs/ca-certificates.crt",
};

/** Debian, Ubuntu and what is made of them. */
export const findDebian: FindStores = (where) => anchorStore(FAMILY, where);
