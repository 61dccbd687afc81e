import type { UnnamedClients } from "../../audit/facts.ts";
import type { GuardView } from "./view.ts";

/** What home's guard knows of clients that could not be named, as the audit takes it. */
export function unnamedClients({ unnamed, services }: Pick<GuardView, "unnamed" | "services">): UnnamedClients[] {
  return unnamed.map(({ service, letIn, refused }) => {
    const guarded = services.find((one) => `${one.stackName}/${one.service}` === service);
    return {
      ...{ service, letIn, refused },
      boxed: guarded?.bind === "box",
      listsUsers: (guarded?.users.length ?? 0) > 0,
      listsPrograms: guarded != null && guarded.programs !== null,
    };
  });
}
