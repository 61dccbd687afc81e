/** Where the values of a word or an option come from. `none`: only the one who types knows. */
export type Source =
  | "none"
  | "programs"
  | "files"
  | "folders"
  | "commands"
  | "shells"
  | "services"
  | "config services"
  | "stacks"
  | "edges"
  | "conditions"
  | "recordings"
  | "exchanges"
  | "filter"
  | "aliases"
  | "leases"
  | "ports"
  | "severities"
  | "methods";

type Sources = readonly Source[];

/** What each command's words are, by their place; the last holds for all that follow. Every command is here. */
export const WORDS: Readonly<Record<string, readonly Sources[]>> = {
  status: [],
  up: [["config services"]],
  run: [["programs"]],
  attach: [["services"], ["none"]],
  down: [["stacks"], ["none"]],
  logs: [["services"]],
  restart: [["services"]],
  open: [["services"], ["none"]],
  url: [["services"], ["none"]],
  claim: [["none"]],
  serve: [["folders"], ["none"]],
  mock: [],
  postgres: [],
  alias: [["aliases"], ["ports"], ["none"]],
  lease: [["leases"], ["none"]],
  explain: [["services", "edges", "aliases", "ports"], ["none"]],
  ports: [["services", "ports"], ["none"]],
  free: [["ports"], ["none"]],
  shape: [["edges"], ["conditions"]],
  watch: [["filter"]],
  show: [["exchanges"], ["none"]],
  why: [["exchanges"], ["none"]],
  replay: [["exchanges"], ["none"]],
  curl: [["exchanges"], ["none"]],
  har: [["filter"]],
  record: [["recordings"], ["filter"]],
  toxiproxy: [],
  trust: [],
  untrust: [],
  audit: [],
  doctor: [],
  env: [["config services"], ["programs"]],
  init: [],
  stop: [],
  completion: [["shells"], ["none"]],
  help: [["commands"], ["none"]],
};

/** What each option takes, by its long name: the same in every command that has it. */
export const OPTION_VALUES: Readonly<Record<string, Sources>> = {
  config: ["files"],
  cwd: ["folders"],
  data: ["none"],
  database: ["none"],
  "env-file": ["files"],
  "env-file-if-exists": ["files"],
  "fail-on": ["severities"],
  from: ["recordings", "files"],
  header: ["none"],
  host: ["none"],
  ignore: ["none"],
  import: ["files"],
  init: ["files"],
  lines: ["none"],
  method: ["methods"],
  name: ["none"],
  output: ["files"],
  path: ["none"],
  port: ["none"],
  recording: ["recordings"],
  seed: ["none"],
  service: ["services"],
  stack: ["stacks"],
  suffix: ["none"],
};
