/** What no method of HTTP/1.1 is: RFC 9113 §11.6 keeps `PRI` for this. */
const BEGINNING = Buffer.from("PRI ", "latin1");

/** Whether a connection that begins with these bytes speaks HTTP/2 with prior knowledge (RFC 9113 §3.3). */
export function beginsHttp2(bytes: Buffer, length: number): "yes" | "maybe" | "no" {
  const there = Math.min(length, BEGINNING.length);
  if (BEGINNING.compare(bytes, 0, there, 0, there) !== 0) return "no";
  return there === BEGINNING.length ? "yes" : "maybe";
}
