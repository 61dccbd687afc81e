import { isLoopback, isUnspecified } from "../address/classify.ts";

/** Who can reach a listener: this machine alone, whoever is on a network that one of its addresses is on, or on any. */
export type Exposure = "loopback" | "lan" | "everywhere";

/** The verdict on an address that something listens on. IPv4-mapped addresses count as the IPv4 ones inside. */
export function exposure({ host }: { readonly host: string }): Exposure {
  if (isLoopback(host)) return "loopback";
  return isUnspecified(host) ? "everywhere" : "lan";
}
