/**
 * Watches the event loop: how long its longest turn took, ms of this thread's own CPU, so that what else the machine does
 * doesn't count.
 */
export function watchTurns(): { readonly stop: () => number } {
  let longest = 0;
  let last = used();
  let next: NodeJS.Immediate | undefined;
  const turn = () => {
    const now = used();
    longest = Math.max(longest, now - last);
    last = now;
    next = setImmediate(turn);
  };
  next = setImmediate(turn);
  return {
    stop: () => {
      clearImmediate(next);
      return Math.max(longest, used() - last);
    },
  };
}

function used(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
