import type { CoveCommand } from "./commands/command.ts";

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ command: CoveCommand }>;
}

/** Every command, in the order of the help text. A new one is a file and a line here. */
export const COMMANDS: readonly Entry[] = [
  {
    name: "status",
    summary: "what runs, where, and how it is (also: cove alone)",
    load: () => import("./commands/stack/status.ts"),
  },
  {
    name: "init",
    summary: "write a config from what this folder has",
    load: () => import("./commands/init/init.ts"),
  },
  { name: "up", summary: "start this project's stack", load: () => import("./commands/stack/up.ts") },
  { name: "run", summary: "run any command under its own name", load: () => import("./commands/stack/run.ts") },
  { name: "down", summary: "stop a stack", load: () => import("./commands/stack/down.ts") },
  { name: "logs", summary: "what services wrote", load: () => import("./commands/stack/logs.ts") },
  {
    name: "attach",
    summary: "sit in front of a service: see it, and type into it",
    load: () => import("./commands/stack/attach.ts"),
  },
  { name: "restart", summary: "restart services", load: () => import("./commands/stack/restart.ts") },
  {
    name: "open",
    summary: "open the dashboard, or a service, in the browser",
    load: () => import("./commands/stack/open.ts"),
  },
  {
    name: "url",
    summary: "print a service's address, credentials included",
    load: () => import("./commands/stack/url.ts"),
  },
  {
    name: "env",
    summary: "a service's variables, and where each comes from",
    load: () => import("./commands/stack/env.ts"),
  },
  {
    name: "claim",
    summary: "lead localhost:3000 and its like to this folder's stack",
    load: () => import("./commands/stack/claim.ts"),
  },
  { name: "serve", summary: "serve a folder of files", load: () => import("./commands/stack/serve.ts") },
  {
    name: "mock",
    summary: "answer as a service did while it was recorded",
    load: () => import("./commands/stack/mock.ts"),
  },
  {
    name: "postgres",
    summary: "run a Postgres database for this folder",
    load: () => import("./commands/stack/postgres.ts"),
  },
  { name: "alias", summary: "give a name to a port that runs already", load: () => import("./commands/alias.ts") },
  { name: "lease", summary: "take, list and give up ports", load: () => import("./commands/lease/lease.ts") },
  {
    name: "explain",
    summary: "what an address, port, name or pid is",
    load: () => import("./commands/explain/explain.ts"),
  },
  {
    name: "ports",
    summary: "who listens where, and who can reach it",
    load: () => import("./commands/ports/ports.ts"),
  },
  { name: "free", summary: "end what holds a port", load: () => import("./commands/free/free.ts") },
  {
    name: "shape",
    summary: "make the network between services bad, or good again",
    load: () => import("./commands/shape/shape.ts"),
  },
  {
    name: "watch",
    summary: "what services say to each other, live",
    load: () => import("./commands/traffic/watch.ts"),
  },
  { name: "show", summary: "all of one exchange", load: () => import("./commands/traffic/show.ts") },
  {
    name: "why",
    summary: "where a request's time went",
    load: () => import("./commands/traffic/why.ts"),
  },
  {
    name: "replay",
    summary: "say a request again, edited or not, and compare",
    load: () => import("./commands/traffic/replay.ts"),
  },
  { name: "curl", summary: "a request as a curl command", load: () => import("./commands/traffic/curl.ts") },
  { name: "har", summary: "requests as an HTTP archive, and back", load: () => import("./commands/traffic/har.ts") },
  {
    name: "record",
    summary: "record traffic, to look at or to answer from",
    load: () => import("./commands/traffic/record.ts"),
  },
  {
    name: "toxiproxy",
    summary: "Toxiproxy's API, for its clients: bad networks in tests",
    load: () => import("./commands/toxiproxy/toxiproxy.ts"),
  },
  {
    name: "trust",
    summary: "let browsers and tools trust https at the door",
    load: () => import("./commands/trust/trust.ts"),
  },
  { name: "untrust", summary: "take that back", load: () => import("./commands/trust/untrust.ts") },
  {
    name: "audit",
    summary: "what others can reach here, and how to close it",
    load: () => import("./commands/audit/audit.ts"),
  },
  { name: "doctor", summary: "check this machine, and say what to fix", load: () => import("./commands/doctor.ts") },
  { name: "stop", summary: "end Cove and every stack", load: () => import("./commands/stack/stop.ts") },
  {
    name: "completion",
    summary: "completion for bash, zsh or fish",
    load: () => import("./commands/completion.ts"),
  },
];
