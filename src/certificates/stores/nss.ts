import { isAbsolute, join } from "node:path";
import {
  askProgram,
  type FindStores,
  findProgram,
  hasCertificate,
  isFile,
  isFolder,
  readText,
  type Step,
  type Surroundings,
  type TrustStore,
} from "./store.ts";

/** Where Firefox's profiles are listed, below the home folder. */
const FIREFOX = [".mozilla/firefox", ".config/mozilla/firefox", "snap/firefox/common/.mozilla/firefox"];
/** Chromium takes the first of these that is there; a Snap has one of its own. */
const CHROMIUM = [".pki/nssdb", ".local/share/pki/nssdb", "snap/chromium/current/.pki/nssdb"];
const BROWSERS = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "brave-browser",
  "microsoft-edge",
];

/** Databases of NSS: Firefox's, one for each profile, and those of Chromium and its kin on Linux. */
export const findNss: FindStores = (where) => {
  if (where.platform !== "linux") return [];
  return [...chromium(where), ...firefox(where)];
};

function chromium(where: Surroundings): TrustStore[] {
  const there = CHROMIUM.map((path) => join(where.home, path)).filter((folder) => isFile(join(folder, "cert9.db")));
  // None was made yet: the place that old and new versions read alike.
  const first = BROWSERS.some((name) => findProgram(name, where) !== null) ? [join(where.home, ".pki/nssdb")] : [];
  return (there.length > 0 ? there : first).map((folder) => store(where, "chromium", "Chromium, Chrome, Edge", folder));
}

function firefox(where: Surroundings): TrustStore[] {
  return FIREFOX.map((path) => join(where.home, path))
    .flatMap((base) => profilesIn(base))
    .filter((folder) => isFile(join(folder, "cert9.db")))
    .map((folder) => store(where, "firefox", "Firefox", folder));
}

/** The folders that profiles.ini names. */
function profilesIn(base: string): string[] {
  const text = readText(join(base, "profiles.ini")) ?? "";
  return [...text.matchAll(/^Path=(.+)$/gm)].map(([, path = ""]) =>
    isAbsolute(path) ? path : join(base, path.trim()),
  );
}

function store(where: Surroundings, sort: string, covers: string, folder: string): TrustStore {
  const database = `sql:${folder}`;
  const certutil = findProgram("certutil", where);
  const shown = folder.startsWith(`${where.home}/`) ? `~${folder.slice(where.home.length)}` : folder;
  const step = (says: string, command: Step["command"]): Step => ({ says, command, privileged: false });
  const ask = (args: readonly string[]) => (certutil === null ? null : askProgram(certutil, args, where.env));
  return {
    sort,
    title: `${covers.split(",")[0]}'s store in ${shown}`,
    covers,
    lacks: () => (certutil === null ? "certutil is missing: apt install libnss3-tools, dnf install nss-tools" : null),
    present: ({ name, pem }) =>
      isFile(join(folder, "cert9.db")) &&
      hasCertificate(ask(["-L", "-d", database, "-n", name, "-a"]), pem) &&
      ask(["-V", "-d", database, "-n", name, "-u", "L"]) !== null,
    install: ({ name, file }) => [
      ...(isFolder(folder) ? [] : [step(`make the folder ${shown}`, ["mkdir", "-p", "-m", "0700", folder])]),
      ...(isFile(join(folder, "cert9.db"))
        ? []
        : [step("make a database of certificates in it", ["certutil", "-N", "-d", database, "--empty-password"])]),
      step(`add the certificate to ${shown}`, ["certutil", "-A", "-d", database, "-t", "C,,", "-n", name, "-i", file]),
    ],
    remove: ({ name }) => [step(`delete it from ${shown}`, ["certutil", "-D", "-d", database, "-n", name])],
  };
}

/** Whether a database of NSS has no certificate and no key. */
export function isEmptyDatabase(folder: string, where: Surroundings): boolean {
  const certutil = findProgram("certutil", where);
  if (certutil === null) return false;
  const listed = askProgram(certutil, ["-L", "-d", `sql:${folder}`], where.env);
  if (listed === null || /[CTPcptuw]*,[CTPcptuw]*,[CTPcptuw]*\s*$/m.test(listed.replace(/SSL,S\/MIME,JAR\/XPI/, "")))
    return false;
  // It fails where there is none.
  return askProgram(certutil, ["-K", "-d", `sql:${folder}`], where.env) === null;
}
