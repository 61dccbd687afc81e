import type { Socket } from "node:net";

/** Whether a connection is encrypted; node:net's own sockets have no such property. */
export function isSecure(socket: Socket): boolean {
  return "encrypted" in socket && socket.encrypted === true;
}
