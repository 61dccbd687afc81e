import type pg from "pg";

/** Runs `COPY … FROM stdin` with its data in hand (PostgreSQL protocol 3.0, §54.2.6). Rejects with the server's error. */
export function copyIn(client: pg.Client, statement: string, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const query: pg.Submittable & Record<string, unknown> = {
      submit: (connection: pg.Connection) => connection.query(statement),
      handleCopyInResponse: (connection: CopyConnection) => {
        connection.sendCopyFromChunk(Buffer.from(data));
        connection.endCopyFrom();
      },
      // The last message to this query; the client itself waits until the server is ready for the next.
      handleError: (error: Error) => reject(error),
      handleReadyForQuery: () => resolve(),
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
