import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Fault, fault } from "../../fault/fault.ts";
import { filesFirst, type HostLine, hostsText } from "./hosts-text.ts";

/** A way to give programs an /etc/hosts of their own, without rights. */
export interface PrivateHosts {
  /**
   * Writes the files into this folder, and gives the words that stand before a command so that it and all that it starts read
   * them. It keeps its pid, user and group.
   */
  readonly before: (folder: string, lines: readonly HostLine[]) => readonly string[];
  /** Words before a command that is to read the same files as the process of this pid. */
  readonly beside: (pid: number) => readonly string[];
}

/** Each file over another, then the command: sh(1), whose `exec` keeps the process. */
const COVER_AND_RUN = `mount=$1; shift
while [ "$1" != -- ]; do
  "$mount" --bind "$1" "$2" 2>/dev/null || { echo "$2 can't be replaced for this service alone; say names: false for it" >&2; exit 71; }
  shift 2
done
shift; exec "$@"`;

/** Root needs a mount namespace alone; others one of users as well, in which they stay who they are. */
const AS_ROOT = { flags: [], joins: [] };
const AS_USER = {
  flags: ["--user", "--map-current-user", "--keep-caps"],
  joins: ["--user", "--preserve-credentials"],
};
/** What happens to the system's mounts goes on to reach the service. */
const MOUNTS = ["--mount", "--propagation", "slave"];
/** Rights in its namespace that the command must not have. */
const WITHOUT_RIGHTS = ["--ambient-caps=-all", "--inh-caps=-all"];

let known: Promise<PrivateHosts | Fault> | undefined;

/**
 * How programs of this system get an /etc/hosts of their own: in a mount namespace, by `unshare`, `mount` and `setpriv` of
 * util-linux (2.38). It is tried once, some 10 ms. Fault: UNSUPPORTED.
 */
export function privateHosts(): Promise<PrivateHosts | Fault> {
  known ??= findWay();
  return known;
}

async function findWay(): Promise<PrivateHosts | Fault> {
  if (process.platform !== "linux") return unsupported(`${process.platform} has no mount namespaces`, "");
  const tools = { unshare: find("unshare"), mount: find("mount"), setpriv: find("setpriv"), nsenter: find("nsenter") };
  const missing = Object.entries(tools).flatMap(([name, path]) => (path === null ? [name] : []));
  if (missing.length > 0) return unsupported(`${missing.join(", ")} is missing`, "install util-linux 2.38 or newer");
  if (!existsSync(HOSTS)) return unsupported(`there is no ${HOSTS}`, `make one: touch ${HOSTS}`);
  let why = "";
  for (const way of process.geteuid?.() === 0 ? [AS_ROOT, AS_USER] : [AS_USER]) {
    const before = wordsBefore(tools, way, [[HOSTS, HOSTS]]);
    const refused = await whyNot([...before, "true"]);
    if (refused === null) {
      return {
        before: (folder, lines) => wordsBefore(tools, way, writeFiles(folder, lines)),
        beside: (pid) => [tools.nsenter ?? "", ...way.joins, "--mount", `--target=${pid}`, "--"],
      };
    }
    why = refused;
  }
  return unsupported(`this user gets no namespaces: ${why}`, allowance());
}

type Tools = Readonly<Record<"unshare" | "mount" | "setpriv", string | null>>;
type Cover = readonly [file: string, over: string];

function wordsBefore({ unshare, mount, setpriv }: Tools, way: typeof AS_USER, covers: readonly Cover[]): string[] {
  return [
    ...[unshare ?? "", ...way.flags, ...MOUNTS, "--"],
    ...["/bin/sh", "-c", COVER_AND_RUN, "sh", mount ?? "", ...covers.flat(), "--"],
    ...(way.flags.length > 0 ? [setpriv ?? "", ...WITHOUT_RIGHTS, "--"] : []),
  ];
}

const HOSTS = "/etc/hosts";
const SWITCH = "/etc/nsswitch.conf";
/** Where the C library asks before it looks itself; whoever answers there knows nothing of this service's files. */
const CACHE_SOCKETS = ["/run/nscd/socket", "/var/run/nscd/socket"];

function writeFiles(folder: string, lines: readonly HostLine[]): Cover[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const inOrder = filesFirst(read(SWITCH) ?? "hosts: files");
  const socket = CACHE_SOCKETS.find((path) => existsSync(path));
  return [
    [write("hosts", hostsText(lines, read(HOSTS) ?? "")), HOSTS],
    ...(inOrder === null ? [] : [[write("nsswitch.conf", inOrder), SWITCH] as const]),
    ...(socket === undefined ? [] : [["/dev/null", socket] as const]),
  ];
}

function whyNot([program = "", ...args]: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, LC_ALL: "C" };
    execFile(program, args, { env, timeout: 10_000 }, (error, _, said) => {
      resolve(error && (said.trim().split("\n")[0] || error.message));
    });
  });
}

/** What keeps users from namespaces of their own, by the settings of the systems that do. */
function allowance(): string {
  const settings = [
    ["kernel.apparmor_restrict_unprivileged_userns", "1", "0"],
    ["kernel.unprivileged_userns_clone", "0", "1"],
    ["user.max_user_namespaces", "0", "10000"],
  ] as const;
  const found = settings.filter(([name, off]) => read(`/proc/sys/${name.replaceAll(".", "/")}`)?.trim() === off);
  if (found.length === 0) return "in a container, allow them: --security-opt seccomp=unconfined";
  return `allow them: ${found.map(([name, , on]) => `sudo sysctl -w ${name}=${on}`).join("; ")}`;
}

/** Folders of the system's programs, which PATH of a plain user may lack. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

function find(program: string): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function unsupported(why: string, hint: string): Fault {
  return fault("UNSUPPORTED", `services get no /etc/hosts of their own here: ${why}`, hint);
}
