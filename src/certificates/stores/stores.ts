import { findArch } from "./arch.ts";
import { findDebian } from "./debian.ts";
import { findFedora } from "./fedora.ts";
import { findJava } from "./java.ts";
import { findMacos } from "./macos.ts";
import { findNss } from "./nss.ts";
import type { FindStores, Surroundings, TrustStore } from "./store.ts";
import { findSuse } from "./suse.ts";
import { findWindows } from "./windows.ts";

/** Every kind of store. A new one is a file and a line here. The system's come first: others may be made of them. */
const KINDS: readonly FindStores[] = [
  findDebian,
  findFedora,
  findArch,
  findSuse,
  findMacos,
  findWindows,
  findNss,
  findJava,
];

/** The stores that there are on this machine, for this user. */
export const findStores = (where: Surroundings): readonly TrustStore[] => KINDS.flatMap((find) => find(where));
