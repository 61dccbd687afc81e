import type { Scenario } from "../../conditions/scenarios.ts";
import type { CommandOptions } from "../../services/command/command.ts";
import type { ExternalOptions } from "../../services/external.ts";
import type { FilesOptions } from "../../services/files/files.ts";
import type { ServiceOptions } from "../../services/kind/service-options.ts";
import type { MockOptions } from "../../services/mock/mock.ts";
import type { PostgresOptions } from "../../services/postgres/postgres.ts";
import type { Network } from "./network.ts";

/** A service as a config describes it: plain data. `Name` stands for the names of the stack's services. */
export interface ServiceDefinition<Name extends string = string> {
  readonly kind: string;
  readonly needs?: readonly Name[] | undefined;
  /** The kind's own options and the common ones, as they were given. */
  readonly [option: string]: unknown;
}

/** A stack as a config describes it: plain data. */
export interface StackDefinition {
  /** What its names at the door end in: `web.<name>.localhost`. Default: package.json's name, else the folder's. */
  readonly name?: string;
  /** How its services are guarded, unless a service sets its own: `{ bind: "box" }`. */
  readonly guard?: ServiceOptions["guard"] | undefined;
  /** How traffic to its services is captured, unless a service sets its own: `{ redact: ["ssn"] }`. */
  readonly capture?: ServiceOptions["capture"] | undefined;
  /** Whether its services' programs report for which request they send what, unless a service says. Default: `auto`. */
  readonly trace?: ServiceOptions["trace"] | undefined;
  /** Env files of each service that names none itself: `".env.shared"`, `{ path: ".env.local", required: false }`. */
  readonly envFile?: ServiceOptions["envFile"];
  /** How its names are served by https: `"redirect"`, or `{ redirect: true, certificates: [{ cert: "dev.pem", key: "dev.key" }] }`. */
  readonly https?:
    | "redirect"
    | {
        /** Sends requests by http to https. Default false. */
        readonly redirect?: boolean | undefined;
        /** Used instead of Cove's own for the names that they hold; paths are relative to the config. */
        readonly certificates?: readonly { readonly cert: string; readonly key: string }[] | undefined;
      }
    | undefined;
  /** Programs of its services find those that they need by name, as in compose (`db:5432`). Default: false. */
  readonly names?: boolean | undefined;
  /** `"explicit"`: only the addresses that Cove gives are edges, not what code says itself. Default: `"transparent"`. */
  readonly edges?: "transparent" | "explicit" | undefined;
  /** `"real"`: ports that code chooses are bound as they are, not as leased ones. Default: `"virtual"`. */
  readonly ports?: "virtual" | "real" | undefined;
  /** How edges misbehave from the start: `{ "web→api": "slow-3g", db: "latency=20±5" }`. */
  readonly conditions?: Network["conditions"];
  /** Profiles of your own: `{ tunnel: "latency=80 loss=5%" }`. */
  readonly profiles?: Network["profiles"];
  /** Conditions over time, for `cove shape play`. */
  readonly scenarios?: Readonly<Record<string, Pick<Scenario, "parts">>> | undefined;
  readonly services: Readonly<Record<string, ServiceDefinition>>;
}

/** Options that every kind has, with the needs as names of the same stack's services. */
type Common<Name extends string> = Omit<ServiceOptions, "needs"> & {
  /** Services that must be ready first. Each gives this one variables: `DB_URL`, `DB_HOST`, `DB_PORT` for `db`. */
  readonly needs?: readonly Name[] | undefined;
};

/** What a helper takes besides the kind's short form. */
type Options<Own, Short extends keyof Own, Name extends string> = Omit<Own, Short> & Common<Name>;

/**
 * Describes a stack; the default export of a `cove.config.ts`. A need that names no service is a type error.
 *
 * @example
 * import { command, defineStack, postgres } from "cove/config";
 *
 * export default defineStack({
 *   name: "shop",
 *   services: {
 *     db: postgres({ init: ["./schema.sql"] }),
 *     api: command("node server.ts", { needs: ["db"], ready: { http: "/healthz" } }),
 *     web: command("vite", { needs: ["api"] }),
 *   },
 * });
 */
export function defineStack<Name extends string>(
  stack: Omit<StackDefinition, "services"> & {
    readonly services: { readonly [Service in Name]: ServiceDefinition<NoInfer<Name>> };
  },
): StackDefinition {
  return stack;
}

/**
 * A program that listens: a line for the shell, or a program and its arguments. Cove sets PORT and HOST and, for
 * frameworks that it knows, adds flags.
 *
 * @example
 * import { command } from "cove/config";
 *
 * command("vite", { needs: ["api"] });
 * command(["node", "worker.js"], { ready: "none", restart: "always" });
 */
export function command<const Name extends string = never>(
  line: CommandOptions["command"],
  options: Options<CommandOptions, "command", Name> = {},
): ServiceDefinition<Name> {
  return { kind: "command", command: line, ...options };
}

/**
 * A folder of files, relative to the config's folder.
 *
 * @example
 * import { files } from "cove/config";
 *
 * files("./docs");
 * files("./dist", { spa: true });
 */
export function files<const Name extends string = never>(
  dir: string,
  options: Options<FilesOptions, "dir", Name> = {},
): ServiceDefinition<Name> {
  return { kind: "files", dir, ...options };
}

/**
 * A Postgres database of this stack's own. What needs it gets DATABASE_URL, PGHOST and so on.
 *
 * @example
 * import { postgres } from "cove/config";
 *
 * postgres({ init: ["./schema.sql"] });
 */
export function postgres<const Name extends string = never>(
  options: Options<PostgresOptions, never, Name> = {},
): ServiceDefinition<Name> {
  return { kind: "postgres", ...options };
}

/**
 * Answers as a service did while it was recorded: from a recording's name (`cove record`), or from an HTTP archive (`.har`), relative
 * to the config's folder. `timing` answers as late as the service did, `anyBody` doesn't compare the bodies of requests.
 *
 * @example
 * import { defineStack, mock } from "cove/config";
 *
 * export default defineStack({
 *   services: { payments: mock("./payments.har", { timing: true }), search: mock("monday", { service: "search" }) },
 * });
 */
export function mock<const Name extends string = never>(
  from: MockOptions["from"],
  options: Options<MockOptions, "from", Name> = {},
): ServiceDefinition<Name> {
  return { kind: "mock", from, ...options };
}

/**
 * A service that runs by itself: an address, a URL, or a port of this machine. It gets a name and edges, no process.
 *
 * @example
 * import { external } from "cove/config";
 *
 * external(4000);
 * external("postgres://user:secret@db.example:5432/app");
 */
export function external<const Name extends string = never>(
  at: ExternalOptions["at"],
  options: Options<ExternalOptions, "at", Name> = {},
): ServiceDefinition<Name> {
  return { kind: "external", at, ...options };
}
