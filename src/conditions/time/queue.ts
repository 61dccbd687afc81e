/** First in, first out; taking is O(1). */
export interface Queue<T> {
  readonly size: () => number;
  readonly put: (item: T) => void;
  /** Puts one back in front. */
  readonly unshift: (item: T) => void;
  readonly first: () => T | undefined;
  readonly take: () => T | undefined;
  readonly clear: () => void;
}

export function queue<T>(): Queue<T> {
  let items: (T | undefined)[] = [];
  let head = 0;
  return {
    size: () => items.length - head,
    put: (item) => {
      items.push(item);
    },
    unshift: (item) => {
      if (head > 0) items[--head] = item;
      else items.unshift(item);
    },
    first: () => items[head],
    take: () => {
      const item = items[head];
      if (head < items.length) items[head++] = undefined;
      // The front is cut off only now and then: each shift would move the rest.
      if (head === items.length) {
        items = [];
        head = 0;
      } else if (head > 1024 && head * 2 > items.length) {
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
