import { isLoopback, isUnspecified } from "../address/classify.ts";

/** Who can reach a listener: this machine only, the network of one address, or every network. */
export type Exposure = "loopback" | "lan" | "everywhere";

/** The verdict on an address that something listens on. IPv4-mapped addresses count as the IPv4 ones inside. */
export function exposure({ host }: { readonly host: string }): Exposure {
  if (isLoopback(host)) return "loopback";
  return isUnspecified(host) ? "everywhere" : "lan";
}
