import type { Refusals } from "../../guard/refusals.ts";
import { machine } from "../../machine/machine.ts";
import { hidePasswords } from "../view/redact.ts";
import type { GuardedService, GuardView } from "../view/view.ts";
import type { LiveService, LiveStack } from "./live-stack.ts";
import type { Model } from "./model.ts";

/** What the guard does and refused, as the API, the guard page and the audit show it. */
export function guardView(model: Model, refusals: Refusals): GuardView {
  return {
    peerCheck: machine.peer === undefined ? "unavailable" : "exact",
    total: refusals.total(),
    refusals: refusals.list(),
    unnamed: refusals.unnamedCounts(),
    services: [...model.stacks.values()].flatMap((stack) =>
      [...stack.services.values()].map((service) => guarded(stack, service)),
    ),
  };
}

function guarded({ id, name }: LiveStack, { facts }: LiveService): GuardedService {
  const { cause } = facts.status;
  const { origins = [], uids = [], programs = null } = facts.guard ?? {};
  return {
    stack: id,
    stackName: name,
    service: facts.name,
    kind: facts.kind,
    bind: facts.bind ?? null,
    exposed:
      cause?.fault === "BIND_EXPOSED" ? { message: hidePasswords(cause.message), hint: cause.hint ?? null } : null,
    origins,
    users: uids.map((uid) => machine.userName(uid) ?? String(uid)),
    programs,
  };
}
