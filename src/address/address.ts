/** A host and a port, as `127.0.0.1:62893` or `[::1]:5432`. IPv6 hosts are kept without brackets. */
export interface Address {
  readonly host: string;
  /** 0–65535. */
  readonly port: number;
}
