import { spawn, spawnSync } from "node:child_process";

/** `nobody` on most systems; any user but this one will do. */
export const OTHER_UID = 65_534;

/** Root may become someone else; others may where sudo asks no password. */
const isRoot = process.getuid?.() === 0;
const as = { cwd: "/", env: {}, ...(isRoot && { uid: OTHER_UID, gid: OTHER_UID }) };
const command = (script: readonly string[]): [string, ...string[]] =>
  isRoot
    ? [process.execPath, ...script]
    : ["/usr/bin/sudo", "-n", "-u", `#${OTHER_UID}`, "-g", `#${OTHER_UID}`, process.execPath, ...script];

/** Whether tests can run as another user, who has to be able to run this Node. */
export function canBeAnother(): boolean {
  if (process.platform !== "linux") return false;
  const [program, ...args] = command(["-v"]);
  return spawnSync(program, args, as).status === 0;
}

/** Makes a file or folder another user's. */
export function giveTo(uid: number, path: string): void {
  const [program, ...args] = [...(isRoot ? [] : ["/usr/bin/sudo", "-n"]), "/bin/chown", `${uid}`, path];
  const { status, stderr } = spawnSync(program ?? "", args);
  if (status !== 0) throw new Error(`chown: ${stderr}`);
}

/** Runs a script (CommonJS) as another user; what it prints as JSON at its end. */
export function asAnother<T>(script: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = command(["-e", script]);
    const child = spawn(program, args, { ...as, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(timer);
      try {
        resolve(JSON.parse(output) as T);
      } catch {
        reject(new Error(`the other user's script printed: ${output}${errors}`));
      }
    });
  });
}
