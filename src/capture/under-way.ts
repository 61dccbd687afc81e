/**
 * What is under way at a service, in the order in which it began. An array and not a Set: a Set makes a new table every few
 * dozen additions, and V8's old tables point to the newer ones and to all that was in them. One that reached the old
 * generation would keep every exchange after it alive until a full collection.
 */
export interface UnderWay<T> extends Iterable<T> {
  readonly size: number;
  /** The one that began first; undefined: there is none. */
  readonly first: T | undefined;
  readonly add: (item: T) => void;
  readonly delete: (item: T) => void;
}

export function underWay<T>(): UnderWay<T> {
  const items: T[] = [];
  return {
    get size() {
      return items.length;
    },
    get first() {
      return items[0];
    },
    add: (item) => {
      items.push(item);
    },
    delete: (item) => {
      // From the end: what ends soon began lately, however many WebSockets are open.
      const at = items.lastIndexOf(item);
      if (at === 0) items.shift();
      else if (at !== -1) items.splice(at, 1);
    },
    [Symbol.iterator]: () => items[Symbol.iterator](),
  };
}
