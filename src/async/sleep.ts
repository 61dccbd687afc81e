/**
 * Waits, and keeps the process running for it. An abort of `signal` ends the wait at once: it isn't thrown, so look at
 * `signal.aborted` where that matters.
 *
 * @param ms how long, ms; 0: until the event loop has come round
 * @example
 * while (!signal.aborted && !(await isReady())) await sleep(100, signal);
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    if (signal?.aborted === true) done();
  });
}
