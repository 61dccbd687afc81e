/** Resolves at Ctrl-C, or when the process is asked to end in another way; keeps it running until then. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stay = setInterval(() => {}, 60_000);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        clearInterval(stay);
        resolve();
      });
    }
  });
}
