/**
 * A request of OTLP as it comes out of protobuf or JSON, before anything in it is believed: each field may be missing, or of
 * another type. Readers here give null, or an empty list, for what isn't as the protocol has it.
 */
export type Raw = Readonly<Record<string, unknown>>;

export function object(value: unknown): Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A number, also as text: JSON has 64-bit ones so. */
export function number(value: unknown): number | null {
  const found = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof found === "number" && Number.isFinite(found) ? found : null;
}

/** Epoch ms of epoch ns, to the µs; null for 0 and for what is no time. */
export function time(value: unknown): number | null {
  const digits = typeof value === "number" ? String(value) : text(value);
  if (!/^[1-9]\d{0,19}$/.test(digits)) return null;
  // Epoch ns are beyond 2⁵³: whole ms and the rest apart.
  const ms = digits.slice(0, -6);
  const rest = Number(digits.slice(-6).padStart(6, "0"));
  return Number(ms === "" ? 0 : ms) + Math.round(rest / 1_000) / 1_000;
}

/** Ids as hex, from bytes (protobuf) or hex digits (JSON). Null where its length isn't right, or it is all zeros. */
export function id(value: unknown, bytes: number): string | null {
  const hex = value instanceof Uint8Array ? Buffer.from(value).toString("hex") : text(value).toLowerCase();
  return hex.length === bytes * 2 && /^[0-9a-f]+$/.test(hex) && /[^0]/.test(hex) ? hex : null;
}
