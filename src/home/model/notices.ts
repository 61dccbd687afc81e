/** The same notice of a service is written once in this time, ms. */
const WINDOW = 10_000;
/** Different notices of one service within that time; further ones are only counted. */
const MOST_TEXTS = 20;
const TOO_MANY = "more notices of different kinds than are shown";

interface Repeats {
  count: number;
}

/** Writes Cove's own lines into a service's log, such that a flood of the same one is a line every 10 s with a count. */
export interface Notices {
  readonly add: (stack: string, service: string, text: string) => void;
}

/** `write` puts a line into the log of one service. */
export function createNotices(write: (stack: string, service: string, text: string) => void): Notices {
  /** Notices of the last 10 s, by service and text, each with how often it was left out since. */
  const recent = new Map<string, Map<string, Repeats>>();

  return {
    add: (stack, service, text) => {
      const key = `${stack}/${service}`;
      const texts = recent.get(key) ?? new Map<string, Repeats>();
      recent.set(key, texts);
      const shown = texts.size < MOST_TEXTS || texts.has(text) ? text : TOO_MANY;
      const repeats = texts.get(shown);
      if (repeats !== undefined) {
        repeats.count++;
        return;
      }
      write(stack, service, shown);
      remember(stack, service, shown, texts);
    },
  };

  function remember(stack: string, service: string, text: string, texts: Map<string, Repeats>): void {
    const repeats = { count: 0 };
    texts.set(text, repeats);
    const timer = setInterval(() => {
      if (repeats.count > 0) {
        write(stack, service, `${text} (${repeats.count} more in ${WINDOW / 1000} s)`);
        repeats.count = 0;
        return;
      }
      clearInterval(timer);
      texts.delete(text);
      if (texts.size === 0) recent.delete(`${stack}/${service}`);
    }, WINDOW);
    timer.unref();
  }
}
