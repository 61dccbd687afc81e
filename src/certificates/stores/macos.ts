import { join } from "node:path";
import { askProgram, type FindStores, type Step } from "./store.ts";

/** This user's login keychain, which Safari, Chrome, curl and Swift programs ask. Not tried on a Mac yet. */
export const findMacos: FindStores = (where) => {
  if (where.platform !== "darwin") return [];
  const keychain = join(where.home, "Library/Keychains/login.keychain-db");
  // The system asks for the user's password in a window of its own.
  const step = (says: string, command: Step["command"]): Step => ({ says, command, privileged: false });
  return [
    {
      sort: "system",
      title: "the login keychain",
      covers: "Safari, Chrome, curl, Go, Swift",
      lacks: () => null,
      present: ({ file }) => askProgram("security", ["verify-cert", "-c", file, "-L", "-p", "ssl"], where.env) !== null,
      install: ({ file }) => [
        step("trust the certificate for this user", [
          "security",
          "add-trusted-cert",
          "-r",
          "trustRoot",
          "-k",
          keychain,
          file,
        ]),
      ],
      remove: ({ file, sha1 }) => [
        step("trust it no more", ["security", "remove-trusted-cert", file]),
        step("delete it from the login keychain", [
          "security",
          "delete-certificate",
          "-Z",
          sha1.toUpperCase(),
          keychain,
        ]),
      ],
    },
  ];
};
