/** First in, first out; taking is O(1). */
export interface Queue<T> {
  readonly size: () => number;
  /** Adds one at the end, always. False: there are more than `most` now, and whoever puts them in should stop. */
  readonly put: (item: T) => boolean;
  /** Puts one back in front. */
  readonly unshift: (item: T) => void;
  /** The next one, which stays; undefined: there is none. */
  readonly first: () => T | undefined;
  /** The next one, removed; undefined: there is none. */
  readonly take: () => T | undefined;
  readonly clear: () => void;
}

/** An empty queue. `most`: how many items it should hold; default: as many as come. */
export function queue<T>(most = Number.POSITIVE_INFINITY): Queue<T> {
  let items: (T | undefined)[] = [];
  let head = 0;
  return {
    size: () => items.length - head,
    put: (item) => {
      items.push(item);
      return items.length - head <= most;
    },
    unshift: (item) => {
      if (head > 0) items[--head] = item;
      else items.unshift(item);
    },
    first: () => items[head],
    take: () => {
      const item = items[head];
      // What was taken is not kept alive.
      if (head < items.length) items[head++] = undefined;
      if (head === items.length) {
        // The array stays: short queues, which are filled and emptied all the time, allocate nothing.
        items.length = 0;
        head = 0;
      } else if (head > 1024 && head * 2 > items.length) {
        // The front is cut off only now and then: each shift would move the rest.
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    clear: () => {
      items = [];
      head = 0;
    },
  };
}
