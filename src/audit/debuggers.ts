import { expandIPv4Shorthand } from "../address/ipv4.ts";
import type { AuditListener } from "./facts.ts";

/** Where a debugger was told to listen. */
export interface Endpoint {
  /** Null: any free one, which only the answer tells apart from the program's own ports. */
  readonly port: number | null;
  /** `--inspect=0.0.0.0`, as it was given: what to change. */
  readonly by: string;
}

type Debugged = Pick<AuditListener, "names" | "arguments" | "environment" | "port">;

/** The environment variables that {@link Endpoint}s are read from. */
export const DEBUG_VARIABLES = [
  ...["NODE_OPTIONS", "BUN_INSPECT"],
  ...["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"],
  ...["RUBY_DEBUG_OPEN", "RUBY_DEBUG_PORT", "RUBY_DEBUG_HOST", "RUBYOPT"],
] as const;

/** Node's, Deno's and Bun's inspectors, by flags, NODE_OPTIONS, or the port that a SIGUSR1 opens. */
export function inspectorAt({ names, arguments: args, environment, port }: Debugged): Endpoint[] {
  const node = names.some((name) => /^(node|nodejs|electron|deno)(\.exe)?$/.test(name));
  const bun = names.some((name) => /^bunx?(\.exe)?$/.test(name));
  const usual = bun ? 6499 : 9229;
  const given = [
    ...ownFlags(args),
    ...(node ? words(environment.get("NODE_OPTIONS")) : []),
    ...(bun && environment.get("BUN_INSPECT") ? [`--inspect=${environment.get("BUN_INSPECT")}`] : []),
  ];
  const ports = given.flatMap((word) => {
    const value = /^--(?:inspect|debug)-port=(.*)$/.exec(word)?.[1];
    return value === undefined ? [] : [portIn(value, usual)];
  });
  const found = given.flatMap((word): Endpoint[] => {
    const match = /^--inspect(?:-brk|-wait)?(?:=(.*))?$/.exec(word);
    if (match === null) return [];
    return [{ port: ports[0] !== undefined ? ports[0] : portIn(match[1] ?? "", usual), by: word }];
  });
  // kill -USR1 and inspector.open() leave no trace but the port.
  const asked = ports[0] ?? usual;
  return found.length === 0 && node && port === asked ? [{ port: asked, by: "a SIGUSR1 or inspector.open()" }] : found;
}

/** A browser's port for DevTools. */
export function devToolsAt({ arguments: args }: Debugged): Endpoint[] {
  return args.flatMap((word) => {
    const port = /^--remote-debugging-port=(\d+)$/.exec(word)?.[1];
    return port === undefined ? [] : [{ port: Number(port) || null, by: word }];
  });
}

/** `python -m debugpy --listen [host:]port`, its adapter, and pydevd. */
export function pythonAt({ names, arguments: args }: Debugged): Endpoint[] {
  const adapter = args.some((word) => /debugpy[/\\]adapter/.test(word));
  if (
    !adapter &&
    !names.some((name) => /^(debugpy|pydevd|ptvsd)$/.test(name)) &&
    !args.some((word) => /pydevd\.py$/.test(word))
  )
    return [];
  // The adapter's --for-server is for its debuggee alone.
  return valuesOf(args, /^--(?:listen|port)$/).map((value) => ({ port: portIn(value, 5678), by: `--listen ${value}` }));
}

/** `-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005`, on the command line or in JAVA_TOOL_OPTIONS. */
export function jdwpAt({ arguments: args, environment }: Debugged): Endpoint[] {
  const given = ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"].flatMap((name) =>
    words(environment.get(name)),
  );
  return [...args, ...given].flatMap((word) => {
    const options = /^-(?:agentlib:jdwp=|Xrunjdwp:)(.*)$/.exec(word)?.[1];
    if (options === undefined || !/\bserver=y/.test(options)) return [];
    const address = /\baddress=([^,]*)/.exec(options)?.[1] ?? "";
    return [{ port: portIn(address, null), by: word }];
  });
}

/** `dlv --listen=:2345`. */
export function delveAt({ names, arguments: args, port }: Debugged): Endpoint[] {
  if (!names.some((name) => /^dlv(-dap)?(\.exe)?$/.test(name))) return [];
  const given = [
    ...valuesOf(args, /^(--listen|-l)$/),
    ...args.flatMap((word) => /^(?:--listen|-l)=(.*)$/.exec(word)?.[1] ?? []),
  ];
  // It listens for nothing else; what it debugs is a process of its own.
  return [{ port, by: given[0] === undefined ? "dlv" : `--listen=${given[0]}` }];
}

/** `rdbg --open --port 1234`, or RUBY_DEBUG_OPEN. */
export function rubyAt({ names, arguments: args, environment }: Debugged): Endpoint[] {
  const opened = names.includes("rdbg") && args.some((word) => /^(--open|-O)/.test(word));
  const byVariable = (environment.get("RUBY_DEBUG_OPEN") ?? "") !== "" || environment.has("RUBY_DEBUG_PORT");
  if (!opened && !byVariable) return [];
  const [port = environment.get("RUBY_DEBUG_PORT")] = valuesOf(args, /^--port$/);
  return port === undefined ? [] : [{ port: portIn(port, null), by: opened ? "rdbg --open" : "RUBY_DEBUG_PORT" }];
}

/** Flags of the interpreter itself: those after its script are the script's. */
function ownFlags(args: readonly string[]): string[] {
  const found: string[] = [];
  for (let at = 1; at < args.length; at++) {
    const word = args[at] ?? "";
    if (!word.startsWith("-")) {
      // `deno run --inspect app.ts`, `bun run …`: a command of the program's own.
      if (at === 1 && /^(run|serve|test|task|watch)$/.test(word)) continue;
      break;
    }
    if (word === "--") break;
    if (/^(-r|--require|--import|--loader|--experimental-loader|-C|--conditions)$/.test(word)) at++;
    else found.push(word);
  }
  return found;
}

function valuesOf(args: readonly string[], option: RegExp): string[] {
  return args.flatMap((word, at) => (option.test(word) ? (args[at + 1] ?? []) : []));
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

/** The port in `host:port`, `port`, `host`, `[::1]:port`; 0 asks for any free one. */
function portIn(value: string, usual: number | null): number | null {
  const bare = value.replace(/^\w+:\/\//, "").replace(/[/?].*$/, "");
  const last = /(?:^|:)(\d{1,5})$/.exec(bare)?.[1];
  // `--inspect=::1` and `--inspect=127.1` are hosts.
  const isHost =
    last === undefined ||
    (bare.split(":").length > 2 && !bare.startsWith("[")) ||
    (bare.includes(".") && !bare.includes(":") && expandIPv4Shorthand(bare) !== null);
  if (isHost) return usual;
  return Number(last) === 0 ? null : Number(last);
}
