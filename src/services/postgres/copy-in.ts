import type pg from "pg";

/** Runs `COPY … FROM stdin` with its data in hand (PostgreSQL protocol 3.0, §54.2.6). Rejects with the server's error. */
export function copyIn(client: pg.Client, statement: string, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | null = null;
    const query: pg.Submittable & Record<string, unknown> = {
      submit: (connection: pg.Connection) => connection.query(statement),
      handleCopyInResponse: (connection: CopyConnection) => {
        connection.sendCopyFromChunk(Buffer.from(data));
        connection.endCopyFrom();
      },
      handleError: (error: Error) => {
        failure = error;
        // A broken connection says no more; a server's error is followed by ReadyForQuery.
        if (!("severity" in error)) reject(error);
      },
      handleReadyForQuery: () => (failure === null ? resolve() : reject(failure)),
      handleCommandComplete: () => {},
      handleEmptyQuery: () => {},
      handleRowDescription: () => {},
      handleDataRow: () => {},
    };
    client.query(query);
  });
}

interface CopyConnection {
  readonly sendCopyFromChunk: (chunk: Buffer) => void;
  readonly endCopyFrom: () => void;
}
