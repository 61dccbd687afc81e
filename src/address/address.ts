/** A host and a port, as `127.0.0.1:62893` or `[::1]:5432`. IPv6 hosts are kept without brackets. */
export interface Address {
  readonly host: string;
  /** 0–65535. */
  readonly port: number;
}

/** Where an address answers: `localhost` at IPv4's loopback, and where nobody does there, at IPv6's. */
export function eachFamily({ host, port }: Address): readonly Address[] {
  if (host !== "localhost") return [{ host, port }];
  return [
    { host: "127.0.0.1", port },
    { host: "::1", port },
  ];
}
