/** The newest items within a number and a size: the oldest go first. */
export interface Kept<T> {
  readonly add: (item: T) => void;
  /** From the oldest. */
  readonly all: () => Iterable<T>;
  readonly clear: () => void;
}

export interface KeptOptions<T> {
  readonly most: number;
  /** Bytes, all items together. */
  readonly mostBytes: number;
  readonly bytesOf: (item: T) => number;
  /** It has gone. */
  readonly dropped?: (item: T) => void;
}

export function kept<T>({ most, mostBytes, bytesOf, dropped = () => {} }: KeptOptions<T>): Kept<T> {
  const items = new Map<number, T>();
  let oldest = 0;
  let newest = 0;
  let bytes = 0;
  const dropOldest = () => {
    const item = items.get(oldest);
    items.delete(oldest++);
    if (item === undefined) return;
    bytes -= bytesOf(item);
    dropped(item);
  };
  return {
    add: (item) => {
      items.set(newest++, item);
      bytes += bytesOf(item);
      while (items.size > most || (bytes > mostBytes && items.size > 1)) dropOldest();
    },
    all: () => items.values(),
    clear: () => {
      while (items.size > 0) dropOldest();
    },
  };
}

/** About what an object of text takes in memory, bytes. */
export function roughSize(value: unknown): number {
  if (typeof value === "string") return 24 + value.length;
  if (typeof value !== "object" || value === null) return 8;
  let sum = 48;
  for (const [name, inner] of Object.entries(value)) sum += name.length + roughSize(inner);
  return sum;
}
