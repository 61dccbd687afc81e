/** How one framework, which mostly ignores PORT and HOST, gets the address to listen at. */
export interface Framework {
  /** Names of the program, and of the npm package where `npx` knows it by another. */
  readonly programs: readonly string[];
  /** First words with which it starts a server; `""`: none at all. Default: any but those in `not`. */
  readonly sub?: readonly string[];
  readonly not?: readonly string[];
  /** Flags that take a value and may stand before the first word. */
  readonly values?: readonly string[];
  /** What must be among its arguments for it to serve. */
  readonly only?: RegExp;
  readonly listen: Listen;
  /**
   * Flags, or flags with a value, that are added unless there already: what makes it fail instead of moving to another port,
   * and what keeps its page's live connection at the door. A value may hold `{host}` and `{port}`, the service's own, and
   * `{doorHost}` and `{doorPort}`, by which browsers reach it.
   */
  readonly also?: readonly (string | readonly [flag: string, value: string])[];
  /**
   * Flags with values that go together: all are added where the service has a name at the door, or none where one of them, or
   * of `unless`, is there already. Their values may hold the same.
   */
  readonly atDoor?: {
    readonly flags: readonly (readonly [flag: string, value: string])[];
    readonly unless?: readonly string[];
  };
  /** Variables that it reads; those that are set already win. Their values may hold the same. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Its page's client goes to the port that the server was told, and no flag changes that: it is told the door's port, and a
   * preload has it listen at its own (see `door-port.ts`). `always`: also where the user gave a port, since of two the last
   * counts.
   */
  readonly toldDoorPort?: "unless given" | "always";
  /**
   * It makes links of the address where it was told to listen, and no flag changes that: it is told its place at the door
   * unless the user gave one, and a file of its language, loaded in front, has it listen at its own (see `door-port.ts`).
   */
  readonly toldDoor?: "python" | "ruby";
  /** What the door gives it as Host: it refuses every name but this, and has no setting for others. */
  readonly hostField?: string;
  /** Its variables are set for every command, since they mean nothing to others: it may run behind any script or tool. */
  readonly everywhere?: true;
}

/** The first spelling is the one that is added; the others are known from the user. One ending in `=` takes its value there. */
type Flag = readonly [string, ...string[]];

export type Listen =
  | { readonly by: "flags"; readonly port: Flag; readonly host?: Flag; readonly hostIs?: string }
  /** One flag for both: `--bind 127.0.0.1:8000`. `bare`: it may stand without a value, for any port. */
  | { readonly by: "bind"; readonly flag: Flag; readonly scheme?: string; readonly bare?: true }
  /** The word after the subcommand: `runserver 127.0.0.1:8000`, `http.server 8000`. */
  | { readonly by: "word"; readonly word: "host:port" | "port"; readonly host?: Flag }
  /** A word that is always there and is replaced: `php -S localhost:8000`. */
  | { readonly by: "replace"; readonly after: string }
  /** PORT and HOST do. */
  | { readonly by: "env" };
