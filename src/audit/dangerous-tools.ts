import type { Severity } from "./finding.ts";

/** A program that gives others more than a page to read when they reach it. */
export interface DangerousTool {
  /** The finding's rule. */
  readonly rule: string;
  readonly name: string;
  /** The program's file, or the whole command line. */
  readonly program?: RegExp;
  readonly command?: RegExp;
  /** Ports that it has unless told otherwise: enough where the process can't be seen. */
  readonly ports: readonly number[];
  readonly why: string;
  /** How to keep it on loopback, or ask for a password. */
  readonly fix: string;
  /** When others on the network reach it. */
  readonly exposed: Severity;
  /** When only other users of this machine, and pages by DNS rebinding, reach it; null: as harmless there as any program. */
  readonly local: Severity | null;
}

const runsCode = "anyone who connects runs code as this user";

/** Tools known to be dangerous when others reach them, most telling first. */
export const DANGEROUS_TOOLS: readonly DangerousTool[] = [
  {
    rule: "docker-api",
    name: "Docker's API",
    program: /^dockerd(\.exe)?$/,
    ports: [2375, 2376],
    why: "anyone who connects is root on this machine: a container may mount its whole disk",
    fix: "take tcp:// out of dockerd's hosts (/etc/docker/daemon.json, or -H in its unit); use the Unix socket, or ssh://",
    exposed: "critical",
    local: "high",
  },
  {
    rule: "debugger",
    name: "Node's inspector",
    command: /--inspect(-brk|-wait)?\b/,
    ports: [9229, 9230],
    why: runsCode,
    fix: "start node with --inspect=127.0.0.1:9229",
    exposed: "critical",
    local: "medium",
  },
  {
    rule: "debugger",
    name: "a browser's debugging port",
    command: /--remote-debugging-port=(?!0\b)\d+/,
    ports: [9222],
    why: "anyone who connects reads every page and cookie of that browser",
    fix: "start it with --remote-debugging-pipe, or without --remote-debugging-address",
    exposed: "critical",
    local: "medium",
  },
  {
    rule: "debugger",
    name: "Python's debugger",
    command: /\b(debugpy|pydevd|ptvsd)\b/,
    ports: [5678],
    why: runsCode,
    fix: "python -m debugpy --listen 127.0.0.1:5678 …",
    exposed: "critical",
    local: "medium",
  },
  {
    rule: "debugger",
    name: "Java's debugger",
    command: /-agentlib:jdwp|-Xrunjdwp/,
    ports: [5005],
    why: runsCode,
    fix: "-agentlib:jdwp=transport=dt_socket,server=y,address=127.0.0.1:5005",
    exposed: "critical",
    local: "medium",
  },
  {
    rule: "debugger",
    name: "Go's debugger",
    program: /^dlv(\.exe)?$/,
    ports: [2345],
    why: runsCode,
    fix: "dlv --listen=127.0.0.1:2345 …",
    exposed: "critical",
    local: "medium",
  },
  {
    rule: "debugger",
    name: "Android's debug bridge",
    program: /^adb(\.exe)?$/,
    ports: [5037, 5555],
    why: "anyone who connects controls the devices that are plugged in",
    fix: "start it without -a: adb kill-server; adb start-server",
    exposed: "critical",
    local: null,
  },
  {
    rule: "notebook",
    name: "Jupyter",
    command: /\bjupyter\b|ipykernel/,
    ports: [8888],
    why: `${runsCode} once the token is known or switched off`,
    fix: "jupyter lab --ip=127.0.0.1, and leave its token on",
    exposed: "critical",
    local: null,
  },
  {
    rule: "exposed-database",
    name: "Redis",
    program: /^(redis|valkey|keydb)-server/,
    ports: [6379],
    why: "without a password anyone who connects reads all keys, and writes files as its user",
    fix: "bind 127.0.0.1 -::1 in redis.conf (or --bind 127.0.0.1), and requirepass",
    exposed: "critical",
    local: null,
  },
  {
    rule: "exposed-database",
    name: "MongoDB",
    program: /^mongod/,
    ports: [27017],
    why: "without --auth anyone who connects reads and drops every database",
    fix: "net.bindIp: 127.0.0.1 in mongod.conf",
    exposed: "critical",
    local: null,
  },
  {
    rule: "exposed-database",
    name: "PostgreSQL",
    program: /^(postgres|postmaster)/,
    ports: [5432],
    why: "its passwords can be guessed from the network, and pg_hba.conf may trust it",
    fix: "listen_addresses = 'localhost' in postgresql.conf; or a postgres of Cove's: cove postgres",
    exposed: "high",
    local: null,
  },
  {
    rule: "exposed-database",
    name: "MySQL",
    program: /^(mysqld|mariadbd)/,
    ports: [3306],
    why: "its passwords can be guessed from the network",
    fix: "bind-address = 127.0.0.1 in my.cnf",
    exposed: "high",
    local: null,
  },
  {
    rule: "exposed-database",
    name: "Elasticsearch",
    command: /org\.(elasticsearch|opensearch)/,
    ports: [9200, 9300],
    why: "without its security switched on anyone who connects reads and deletes every index",
    fix: "network.host: 127.0.0.1 in elasticsearch.yml",
    exposed: "critical",
    local: null,
  },
  {
    rule: "exposed-database",
    name: "memcached",
    program: /^memcached/,
    ports: [11211],
    why: "it has no passwords: anyone who connects reads and changes what is cached",
    fix: "memcached -l 127.0.0.1 -U 0",
    exposed: "high",
    local: null,
  },
  {
    rule: "exposed-database",
    name: "etcd",
    program: /^etcd/,
    ports: [2379, 2380],
    why: "anyone who connects reads and changes the cluster's state, secrets included",
    fix: "etcd --listen-client-urls http://127.0.0.1:2379",
    exposed: "critical",
    local: null,
  },
  {
    rule: "model-server",
    name: "a model server",
    program: /^(ollama|llama-server|lms)/,
    ports: [11434],
    why: "it asks for no password: anyone who connects uses, pulls and deletes models",
    fix: "OLLAMA_HOST=127.0.0.1",
    exposed: "high",
    local: null,
  },
  {
    rule: "remote-control",
    name: "a WebDriver",
    program: /^(chromedriver|geckodriver|selenium)/,
    command: /selenium-server/,
    ports: [4444, 9515],
    why: "anyone who connects opens browsers here, and reads files through them",
    fix: "start it without --allowed-ips and --host 0.0.0.0",
    exposed: "critical",
    local: null,
  },
  {
    rule: "remote-control",
    name: "a screen",
    program: /^(x11vnc|Xvnc|vncserver|Xorg)/i,
    ports: [5900, 5901, 6000],
    why: "anyone who connects sees this screen, and may type",
    fix: "start it with -localhost (VNC) or -nolisten tcp (X11), and reach it through ssh -L",
    exposed: "high",
    local: null,
  },
  {
    rule: "dev-server",
    name: "a development server",
    command:
      /\b(vite|webpack(-dev-server)?|next|nuxt|astro|ng|react-scripts|remix|parcel|rspack|storybook|esbuild|metro|expo|flask|uvicorn|runserver|rails|hugo|jekyll|http\.server|live-server|browser-sync)\b/,
    ports: [3000, 3001, 4200, 5173, 8000, 8080],
    why: "development servers hand out sources, environment and often files outside the project, and ask for no password",
    fix: "start it without --host (or with --host 127.0.0.1), or let Cove: cove run -- …",
    exposed: "high",
    local: null,
  },
];
