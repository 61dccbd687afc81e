const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** Bytes for people, in thousands: `999 B`, `1.2 KB`, `34 MB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `1 connection`, `3 connections`; `things` where an s isn't enough. */
export function count(many: number, thing: string, things = `${thing}s`): string {
  return `${many.toLocaleString("en")} ${many === 1 ? thing : things}`;
}
