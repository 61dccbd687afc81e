import { toLabel } from "../../../address/name.ts";
import type { AppFinding, ComposeFinding } from "./readers/finding.ts";

/**
 * The apps, told which service of the compose file they are, and those that only the file names: a second one of a folder,
 * with its own command, and one whose folder no reader knows.
 */
export function withComposed(apps: readonly AppFinding[], composed: readonly ComposeFinding[]): AppFinding[] {
  const built = composed.filter(({ folder }) => folder !== null);
  // What has a command of its own is likelier to be the odd one of its folder.
  const inOrder = [...built.filter(({ says }) => !says), ...built.filter(({ says }) => says)];
  const services = new Map<AppFinding, ComposeFinding>();
  for (const one of inOrder) {
    const free = apps.filter((app) => !services.has(app) && app.folder === one.folder && !one.ends);
    const app = free.find(({ name }) => name !== undefined && toLabel(name) === toLabel(one.name)) ?? free[0];
    if (app !== undefined) services.set(app, one);
  }
  const found = new Set(services.values());
  // The file's own job brings the tables up to date.
  const prepared = new Set(built.filter(({ ends, command }) => ends && command !== null).map(({ folder }) => folder));
  const readied = ({ migrate, ...app }: AppFinding): AppFinding =>
    migrate === undefined || prepared.has(app.folder) ? app : { ...app, migrate };
  return [
    ...apps.map((app) => ({ ...readied(app), ...named(services.get(app)) })),
    ...built.filter((one) => !found.has(one)).flatMap((one) => appOf(one, apps)),
  ];
}

const named = (one: ComposeFinding | undefined) => (one === undefined ? {} : { composed: one.name });

function appOf(one: ComposeFinding, apps: readonly AppFinding[]): AppFinding[] {
  const { name, folder, command, says, ends, listens, port, source } = one;
  const twin = apps.find((app) => app.folder === folder);
  const own = (says || twin === undefined) && command !== null ? command : undefined;
  if (folder === null || (own === undefined && (twin === undefined || ends))) return [];
  const { name: _, migrate: __, ...shared } = twin ?? { type: "app", command: "", role: "api", source };
  const serves = listens.length > 0 || port !== null;
  return [
    {
      ...shared,
      ...{ type: "app", folder, composed: name, listed: true },
      ...(own !== undefined && { command: own, source, role: ends || !serves ? "worker" : "api" }),
      ...(ends && { ends }),
    },
  ];
}
