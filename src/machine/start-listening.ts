import type { ListenOptions, Server } from "node:net";

/**
 * Makes a server listen. Null once it does, else why it can't. Later errors of the server go to `later`: each is about one
 * connection that could not be accepted, as when no file descriptor is left. Without a listener one would end the process.
 */
export function startListening(
  server: Server,
  at: ListenOptions,
  later: (error: Error) => void = () => {},
): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen(at, () => {
      server.removeListener("error", resolve);
      server.on("error", later);
      resolve(null);
    });
  });
}
