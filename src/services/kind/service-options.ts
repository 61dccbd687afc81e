import { z } from "zod";
import { parseName } from "../../address/name.ts";
import { BIND_POLICIES } from "../../confine/bind-policy.ts";
import { isOriginPattern } from "../../guard/origin.ts";
import { compilePattern } from "../../text/pattern.ts";
import { captureOptions } from "./capture-options.ts";
import { FACTS, isPublicFact } from "./edge-facts.ts";
import type { ReadyProbe, RestartPolicy } from "./kind.ts";

const FORMS = "must be a number of milliseconds or a text such as 500ms, 10s or 2m";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A span of time: a number of ms, or `500ms`, `10s`, `2m`, `1h`. Comes out in ms. */
const duration = z
  .union([z.number().min(0, { error: FORMS }), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/, { error: FORMS })], {
    error: FORMS,
  })
  .transform((value) => {
    if (typeof value === "number") return value;
    const unit = value.replace(/^[\d.]+/, "");
    return Number.parseFloat(value) * (UNITS[unit] ?? 1);
  });

const READY_FORMS =
  'must be "tcp", "http", "exit", "none", or one of { http: "/path" }, { log: "regex" }, { command: "…" }, { tcp: true }';

const pattern = z
  .string()
  .min(1)
  .superRefine((text, check) => {
    const compiled = compilePattern(text);
    if (typeof compiled === "string") check.addIssue({ code: "custom", message: compiled });
  });

/** Every way to write a probe; comes out as a {@link ReadyProbe}. */
const ready = z
  .union(
    [
      z.enum(["tcp", "http", "exit", "none"]),
      z.strictObject({ tcp: z.literal(true).describe("Ready once its port accepts a connection") }),
      z.strictObject({
        http: z
          .string()
          .regex(/^\//, { error: "must be a path that starts with /" })
          .describe("Path to ask for; ready when it answers with the status"),
        status: z.int().min(100).max(599).optional().describe("The one status that counts; default: any below 400"),
      }),
      z.strictObject({
        log: pattern.describe(
          "Regular expression that a line of the log must match; no look-around, no back-references",
        ),
      }),
      z.strictObject({ command: z.string().min(1).describe("Shell line that must exit with 0") }),
    ],
    { error: READY_FORMS },
  )
  .transform((form): ReadyProbe => {
    if (form === "http") return { type: "http", path: "/" };
    if (typeof form === "string") return { type: form };
    if ("tcp" in form) return { type: "tcp" };
    if ("log" in form) return { type: "log", pattern: form.log };
    if ("command" in form) return { type: "command", command: form.command };
    return { type: "http", path: form.http, ...(form.status !== undefined && { status: form.status }) };
  });

const restartWhen = z.enum(["always", "on-failure", "never"]);
const DEFAULT_CRASHES = 8;

const restart = z
  .union(
    [
      restartWhen,
      z.strictObject({
        when: restartWhen.optional().describe("After which ends it starts again; default on-failure"),
        max: z.int().min(0).optional().describe("Crashes in a row before giving up; default 8"),
      }),
    ],
    { error: 'must be "always", "on-failure", "never" or { when, max }' },
  )
  .transform((form): RestartPolicy => {
    if (typeof form === "string") return { when: form, max: DEFAULT_CRASHES };
    return { when: form.when ?? "on-failure", max: form.max ?? DEFAULT_CRASHES };
  });

const oneOrMore = <T extends z.ZodType>(item: T, error: string) =>
  z.union([item, z.array(item)], { error }).transform((value) => (Array.isArray(value) ? value : [value]));

const name = z.string().transform((text, check): string => {
  const full = fullName(text);
  if (full !== null) return full;
  check.addIssue({ code: "custom", message: `is not a host name: ${text}` });
  return z.NEVER;
});

const variable = z
  .union([z.string(), z.number(), z.boolean()], { error: "must be a text, a number, true or false" })
  // What editors offer: the facts of a database as an example, since a schema can't know a config's own services.
  .meta({ examples: [...FACTS.postgres.filter(isPublicFact).map((fact) => `\${db.${fact}}`), `\${api.door}`] });

const PORT = "must be a port from 1 to 65535";
const port = z.int({ error: PORT }).min(1, { error: PORT }).max(65535, { error: PORT });

const origin = z.string().refine(isOriginPattern, { error: "is not an origin such as https://app.example" });

/** How a service, or each service of a stack, is guarded. */
export const guardOptions = z.strictObject({
  bind: z
    .enum(BIND_POLICIES, { error: 'must be "warn", "fix" or "box"' })
    .optional()
    .describe(
      "When it would listen on more than loopback: warn reports it, fix (default) turns it to loopback, " +
        "box runs it in a network of its own (Linux)",
    ),
  origins: oneOrMore(origin, "must be an origin such as https://app.example, or a list of them")
    .optional()
    .describe(
      "Pages outside the stack that may ask it through the door: https://app.example, https://*.app.example, *; default none",
    ),
  users: oneOrMore(z.union([z.string().min(1), z.int().min(0)]), "must be a user's name or uid, or a list of them")
    .optional()
    .describe("Users of this machine who may use it besides this one and root, by name or uid; default none"),
  programs: oneOrMore(z.string().min(1), "must be a program's name or path, or a list of them")
    .optional()
    .describe("The only programs that may use it: executables' paths or file names (Linux); default any"),
});

const ENV_FILE_FORMS = "must be a file's path, { path, required }, or a list of them";

const envFile = z
  .union(
    [
      z.string().min(1),
      z.strictObject({
        path: z.string().min(1).describe("The file, relative to the config's folder"),
        required: z.boolean().optional().describe("false: it may be missing; default true"),
      }),
    ],
    { error: ENV_FILE_FORMS },
  )
  .transform((form) => (typeof form === "string" ? { path: form, required: true } : { required: true, ...form }));

/** The env files whose variables a service, or each service of a stack, gets. */
export const envFileOptions = oneOrMore(envFile, ENV_FILE_FORMS);

/** Whether programs of a stack's services find those that they need by name. */
export const stackNames = z
  .boolean({ error: "must be true or false" })
  .describe("true: programs find the services that they need by name, as in compose (db:5432); default false");

/** How connections between a stack's services come to their edges. */
export const stackEdges = z
  .enum(["transparent", "explicit"], { error: 'must be "transparent" or "explicit"' })
  .describe(
    "transparent (default): what a service's code connects to by itself, such as localhost:5432, is led to its edge, too " +
      "(Linux); explicit: only the addresses that Cove gave it are edges",
  );

/** What becomes of ports that a service's code chooses. */
export const stackPorts = z
  .enum(["virtual", "real"], { error: 'must be "virtual" or "real"' })
  .describe(
    "virtual (default): a port that a service's code chooses, such as 3000, is a leased one in truth, and Cove leads from " +
      "localhost:3000 to it (Linux); real: it is that one",
  );

interface ServiceNames {
  /** Further ones at the door. */
  readonly door: readonly string[];
  /** Whether its programs find what it needs by name. Absent: as the stack says. */
  readonly inside?: boolean;
}

/** Whether a service's programs report for which request they send what. */
export const traceOption = z.enum(["auto", "off"], { error: "must be auto or off" });

/** Options of every kind of service. */
export const serviceOptions = z.strictObject({
  needs: z
    .array(z.string())
    .optional()
    .describe("Services that must be ready first; each gets an address for this one. Default none"),
  ready: ready.optional().describe("When it counts as ready; default: by its kind, mostly tcp"),
  readyTimeout: duration.optional().describe("How long it may take to become ready: ms or 10s; default 60s"),
  restart: restart.optional().describe("What happens when it ends by itself; default on-failure, at most 8 in a row"),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "is not a variable's name" }), variable)
    .optional()
    .describe(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it tells people what to write
      "Environment variables; win over all others. ${NAME}, ${NAME:-default} and ${db.url} are filled in. Default none",
    ),
  envFile: envFileOptions
    .optional()
    .describe(
      "Files of variables for this service, below those that the shell has; later files win. " +
        "{ path, required: false } may be missing. Default: the stack's envFile, else none",
    ),
  cwd: z.string().min(1).optional().describe("Working folder, relative to the config's; default: the config's folder"),
  names: z
    .union([z.boolean(), name, z.array(name)], { error: "must be a host name, a list of them, true or false" })
    .transform(
      (form): ServiceNames => (typeof form === "boolean" ? { door: [], inside: form } : { door: [form].flat() }),
    )
    .optional()
    .describe(
      "Further names at the door: admin, *.app; .localhost is added. Or true: its programs find what it needs by name, " +
        "as in compose (db:5432). Default: the stack's names, else none",
    ),
  port: port.optional().describe("A fixed port to listen on; default: one that is leased for good"),
  expects: oneOrMore(port, "must be a port from 1 to 65535, or a list of them")
    .optional()
    .describe(
      "The ports at which code of other services looks for it; default: its kind's standard port, such as 5432",
    ),
  address: z
    .literal("own", { error: 'can only be "own"' })
    .optional()
    .describe(
      "own: a loopback address of its own (127.62.x.y), and one for each edge to it, with the standard port; default: 127.0.0.1",
    ),
  guard: guardOptions.optional().describe("Who can reach it; default: the stack's guard"),
  capture: captureOptions
    .optional()
    .describe(
      "How traffic to it is captured: false for not at all, or { bodies, skip, redact, slow }; default: the stack's capture, else all",
    ),
  trace: traceOption
    .optional()
    .describe(
      "auto: its Node programs report for which request they send what, and pass traceparent on to its edges; off; default: the stack's, else auto",
    ),
  tty: z
    .boolean({ error: "must be true or false" })
    .optional()
    .describe(
      "Give it a terminal: colours, keys, prompts; cove attach types into it. default: false, its input is a pipe",
    ),
  stopTimeout: duration.optional().describe("Time between SIGTERM and SIGKILL: ms or 10s; default 10s"),
});

/** Common options as people write them. */
export type ServiceOptions = z.input<typeof serviceOptions>;
/** Common options as the plan sees them: one form each, durations in ms. */
export type ResolvedServiceOptions = z.output<typeof serviceOptions>;

/**
 * A door name from what the config says, an optional `*.` in front: `.localhost` is added unless the name already ends
 * in it or in `.test` (both RFC 6761 §6, never anyone's on the internet), or ends with a dot (a full name, RFC 1034 §3.1).
 */
function fullName(text: string): string | null {
  const star = text.startsWith("*.") ? "*." : "";
  const bare = text.slice(star.length);
  const parsed = parseName(bare);
  if (parsed === null) return null;
  const complete = bare.endsWith(".") || /(^|\.)(localhost|test)$/.test(parsed);
  return `${star}${complete ? parsed : `${parsed}.localhost`}`;
}
