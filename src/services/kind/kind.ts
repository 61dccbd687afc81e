import type { Address } from "../../address/address.ts";
import type { Fault } from "../../fault/fault.ts";
import type { Project } from "../../lease/project.ts";
import type { Gap } from "../../text/fill-in.ts";

/** What a service speaks; decides which variables a consumer gets and how it is probed. */
export type Protocol = "http" | "tcp" | "postgres" | "redis";

/** How to tell that a service is ready. */
export type ReadyProbe =
  | { readonly type: "tcp" }
  /** Ready when `path` answers with a status below 400 (or exactly `status`). */
  | { readonly type: "http"; readonly path: string; readonly status?: number }
  /** Ready when a log line matches the regular expression. */
  | { readonly type: "log"; readonly pattern: string }
  /** Ready when the command exits with 0. */
  | { readonly type: "command"; readonly command: string }
  /** Ready when the process has ended with exit code 0 (a migration, a seed). */
  | { readonly type: "exit" }
  /** Ready as soon as it was started. */
  | { readonly type: "none" };

export interface RestartPolicy {
  /** `always`: also after exit code 0. `on-failure` (default). `never`. */
  readonly when: "always" | "on-failure" | "never";
  /** Crashes in a row before giving up. Default 8. */
  readonly max: number;
}

/** Where browsers reach a service: its first name, and the door's port. */
export interface DoorPlace {
  readonly host: string;
  readonly port: number;
}

/** What a kind gets to know about the service that it describes. */
export interface ServiceContext<Options> {
  readonly name: string;
  readonly project: Project;
  readonly options: Options;
  /** Where it must listen. */
  readonly address: Address;
  /** Absent: it has no name at the door. */
  readonly door?: DoorPlace;
  readonly cwd: string;
  /** A folder of this service's own, 0700, kept between runs. */
  readonly dataDir: string;
  /** Where this process reaches it if its address is out of reach, in a box: the folder of a Unix socket `.s.PGSQL.<port>`. */
  readonly socketDir?: string;
  /** Everything that will be in the service's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What `${db.host}` means in its command lines, by `db.host`. Absent: nothing. */
  readonly references?: ReadonlyMap<string, string>;
  /** Adds a line of Cove's own to the service's log. */
  readonly log: (line: string) => void;
}

/** Fills `${NAME}` in a kind's own texts once the service's environment is known. */
export interface TextFill {
  /** In a line for a shell: only what the shell can't resolve by itself. */
  readonly line: (text: string) => string;
  /** In an argument of a program. */
  readonly word: (text: string) => string | Gap;
}

/** A process to start. */
export interface Launch {
  /** A program and its arguments, or a line for the system's shell. */
  readonly command: readonly string[] | string;
  /** Words that stand before it: a program that starts it in a namespace, with the same pid. Absent: none. */
  readonly within?: readonly string[];
  readonly cwd: string;
  /** The same as a thread of the runner: for a program of Cove's own, where it has no box and no other user. */
  readonly thread?: { readonly program: URL; readonly args: readonly string[] };
  /** All of its environment: nothing of the runner's is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Run as another user (Postgres refuses root). */
  readonly uid?: number;
  readonly gid?: number;
  /** First signal of a graceful stop. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /**
   * Runs once the probe succeeds and before consumers start: create the database, run init scripts. `signal` aborts when
   * the process ends or is to be stopped.
   */
  readonly afterReady?: (signal: AbortSignal) => Promise<Fault | undefined>;
}

/** A file that a service's options name. */
export interface StartFile {
  /** Absolute. */
  readonly path: string;
  /** It is read only while there is no data yet: a restart doesn't read it again. */
  readonly onlyNew?: true;
}

/**
 * A kind of service: one file (or folder) that exports one of these,
 * and one line in `kinds.ts`.
 */
export interface ServiceKind<Options> {
  readonly name: string;
  /** The option that the short form gives: `dir` makes `files: ./docs` mean `files: { dir: ./docs }`. */
  readonly short?: keyof Options & string;
  readonly protocol: (options: Options) => Protocol;
  /** It speaks HTTP by HTTP/2 alone, without TLS. Absent: it doesn't. */
  readonly http2?: (options: Options) => boolean;
  /** Its process listens on loopback whatever its options are, so no bind policy is needed. */
  readonly loopbackOnly?: true;
  /** What its program has to get as Host, since it refuses every name but that; null: its name at the door will do. */
  readonly hostField?: (options: Options, cwd: string) => string | null;
  /** What to type so that its program listens on loopback: `vite --host 127.0.0.1`; null where that isn't known. */
  readonly loopbackAdvice?: (options: Options, at: Address, cwd: string) => string | null;
  /** What status tables show: `postgres 18 (embedded)`, `node server.ts`. */
  readonly label: (options: Options) => string;
  readonly ready: (options: Options) => ReadyProbe;
  /** The address a service of this kind already has (external); undefined: lease one. */
  readonly address?: (options: Options) => Address | Fault;
  /** A fixed port that the options themselves ask for (`vite --port 3000`); null: any will do. */
  readonly port?: (options: Options, cwd: string) => number | null;
  /** The options with `${NAME}` filled in where they hold command lines; other texts are filled in with the config. */
  readonly filled?: (options: Options, fill: TextFill) => Options | Gap;
  /** Files that its options name and that are read only at its start: a change of one takes a restart to have an effect. */
  readonly startFiles?: (options: Options, cwd: string) => readonly StartFile[];
  /** Options that matter only while there is no data yet: a restart for their sake would have no effect. */
  readonly onlyNew?: readonly (keyof Options & string)[];
  /**
   * Who takes a variable for a setting of its program's own: `Spring Boot` for SERVER_PORT. An edge hands out no variable of
   * such a name. The function answers null: nobody does.
   */
  readonly ownSettings?: (options: Options, cwd: string) => (variable: string) => string | null;
  /** Its program takes nothing from its environment but its address. */
  readonly ignoresEnv?: true;
  /** The scheme of its URL, where that says more than the protocol: `mysql`. */
  readonly scheme?: (options: Options) => string | undefined;
  /**
   * The URL for reaching it at `at`, credentials included; undefined where the name at the door is the URL. What consumers
   * are told of user, password and database is taken from it (`edge-facts.ts`).
   */
  readonly url?: (ctx: ServiceContext<Options>, at: Address) => Promise<string | Fault>;
  /** Everything before the process: files, initdb. Null: there is no process (external). */
  readonly launch: (ctx: ServiceContext<Options>) => Promise<Launch | null | Fault>;
}

// biome-ignore lint/suspicious/noExplicitAny: kinds of different options share one list; each validates its own
export type AnyKind = ServiceKind<any>;
