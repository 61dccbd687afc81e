import {
  askProgram,
  type FindStores,
  isFile,
  readText,
  type Step,
  type Surroundings,
  type TrustStore,
} from "./store.ts";

/** From WSL the Windows side's programs are found here, unless its drives are mounted elsewhere. */
const FROM_WSL = "/mnt/c/Windows/System32/certutil.exe";

/** The Windows user's store of roots; from WSL, that of the Windows it runs in. Not tried on Windows yet. */
export const findWindows: FindStores = (where) => {
  if (where.platform === "win32") return [store(where, "certutil", "Windows' store of this user")];
  const isWsl = where.platform === "linux" && /microsoft/i.test(readText("/proc/sys/kernel/osrelease") ?? "");
  return isWsl && isFile(FROM_WSL) ? [store(where, FROM_WSL, "Windows' store of this user, from WSL")] : [];
};

function store(where: Surroundings, certutil: string, title: string): TrustStore {
  const step = (says: string, args: readonly string[]): Step => ({
    says,
    command: [certutil, ...args],
    privileged: false,
  });
  return {
    sort: "windows",
    title,
    covers: "Edge, Chrome, curl, .NET on Windows",
    lacks: () => null,
    present: ({ sha1 }) => askProgram(certutil, ["-user", "-verifystore", "Root", sha1], where.env) !== null,
    // Windows asks in a window of its own.
    install: ({ file }) => [
      step("add the certificate to Windows' store", ["-addstore", "-user", "Root", pathFor(certutil, file, where)]),
    ],
    remove: ({ sha1 }) => [step("delete it from Windows' store", ["-delstore", "-user", "Root", sha1])],
  };
}

/** A path of WSL's as Windows knows it. */
function pathFor(certutil: string, file: string, where: Surroundings): string {
  if (certutil !== FROM_WSL) return file;
  return askProgram("wslpath", ["-w", file], where.env)?.trim() ?? file;
}
