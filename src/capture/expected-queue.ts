/** More than that waits on no connection: what keeps piling up isn't followed. */
const MOST = 200_000;

/** First in, first out, without moving what is in it for each one that leaves. */
export interface Queue<T> {
  /** False: it is full. */
  readonly push: (one: T) => boolean;
  readonly first: () => T | undefined;
  readonly shift: () => T | undefined;
}

export function newQueue<T>(): Queue<T> {
  let items: T[] = [];
  let at = 0;
  return {
    push: (one) => items.push(one) - at <= MOST,
    first: () => items[at],
    shift: () => {
      if (at === items.length) return undefined;
      const one = items[at++];
      if (at === items.length) {
        items.length = 0;
        at = 0;
      } else if (at > 1_000 && at * 2 > items.length) {
        items = items.slice(at);
        at = 0;
      }
      return one;
    },
  };
}
