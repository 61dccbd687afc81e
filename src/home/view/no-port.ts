import { type Fault, fault } from "../../fault/fault.ts";

/** Asked for the address of a service that listens nowhere. */
export function noPort(service: string): Fault {
  return fault(
    "NAME_UNKNOWN",
    `${service} listens on no port, so it has no address`,
    "if it is to have one, say how to tell that it answers: ready: tcp",
    { service },
  );
}
