/** A service as the config will say it. */
export interface DraftService {
  readonly name: string;
  readonly kind: "command" | "postgres";
  /** The command line; empty for a database. */
  readonly command: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Comments, by the option that they are about; `""`: the service. */
  readonly notes: ReadonlyMap<string, string>;
  readonly source: string;
}

/** What the machine and the folder have, for those who draft. */
export interface Means {
  /** Whether a program is on PATH. */
  readonly hasProgram: (name: string) => boolean;
  /** Whether a file of variables can be given to a service as it is. */
  readonly isEnvFile: (path: string) => boolean;
}
