/** Where Cove's door listens unless told otherwise: dynamic for IANA, and above Linux's default ephemeral range. */
export const DOOR_PORT = 62893;

/** Ports that leases come from by default, both ends included; above Linux's default ephemeral range 32768–60999. */
export const LEASE_RANGE: readonly [number, number] = [61000, 65535];

/** Where leases go when every port of {@link LEASE_RANGE} is given out: the rest of IANA's dynamic range (RFC 6335 §6). */
export const OVERFLOW_RANGE: readonly [number, number] = [49152, 60999];

/** The Fetch standard's bad ports (https://fetch.spec.whatwg.org/#bad-port): browsers refuse to connect to them. */
export const BROWSER_BLOCKED_PORTS: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** IANA's three ranges of port numbers (RFC 6335 §6): 0–1023, 1024–49151, 49152–65535. */
export function portRange(port: number): "well-known" | "registered" | "dynamic" {
  if (port < 1024) return "well-known";
  return port < 49152 ? "registered" : "dynamic";
}

/** A whole number from 0 to 65535. */
export function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65535;
}

/** Reads a port written in decimal digits; null when it is anything else or beyond 65535. */
export function parsePort(text: string): number | null {
  if (!/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return isPort(port) ? port : null;
}

/** Where debuggers (Node's and Deno's, Bun's) and live reload listen unless told otherwise: not the server that they are for. */
export const HELPER_PORTS: ReadonlySet<number> = new Set([9229, 6499, 35729]);
