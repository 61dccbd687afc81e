/**
 * Work that waits in line: a client's next request where it sent many ahead. One piece is done in each turn of the event
 * loop, so that bytes of other clients, and answers of services, come in between however much waits here.
 */
export interface Turns {
  readonly add: (work: () => void) => void;
}

export function createTurns(): Turns {
  const line: (() => void)[] = [];
  /** Work before this index is done. */
  let next = 0;
  let running = false;

  function turn(): void {
    const work = line[next++];
    if (next === line.length) {
      line.length = 0;
      next = 0;
    } else if (next === 1_024) {
      line.splice(0, next);
      next = 0;
    }
    running = line.length > 0;
    if (running) setImmediate(turn);
    work?.();
  }

  return {
    add: (work) => {
      line.push(work);
      if (running) return;
      running = true;
      setImmediate(turn);
    },
  };
}
