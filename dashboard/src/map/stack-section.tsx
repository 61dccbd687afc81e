import { useId, useRef } from "react";
import type { Address } from "../../../src/address/address.ts";
import type { ServiceView, StackView } from "../../../src/home/view/view.ts";
import { api } from "../home/api.ts";
import { useConnection } from "../home/home.ts";
import { ActionButton } from "../parts/action-button.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { Icon } from "../parts/icon.tsx";
import { shortPath } from "../text/place.ts";
import { StackList } from "./stack-list.tsx";
import { StackMap } from "./stack-map.tsx";

interface StackSectionProps {
  readonly stack: StackView;
  readonly door: Address;
  readonly view: "map" | "list";
  /** The edge whose panel is open. */
  readonly open: string | null;
  readonly isAside: (service: string) => boolean;
}

export function StackSection({ stack, door, view, open, isAside }: StackSectionProps) {
  const heading = useId();
  const { id, name, root, branch } = stack;
  return (
    <section className="stack" aria-labelledby={heading}>
      <header className="stack-head">
        <div className="stack-title">
          <h2 id={heading}>{name}</h2>
          {branch !== null && (
            <span className="chip" title="The branch of this git worktree">
              <Icon name="branch" />
              {branch}
            </span>
          )}
          <span className="stack-sum">{summary(stack.services)}</span>
        </div>
        <code className="stack-root" title={root}>
          {shortPath(root)}
        </code>
        <StackActions id={id} name={name} />
      </header>
      {view === "map" ? (
        <StackMap stack={stack} door={door} open={open} isAside={isAside} />
      ) : (
        <StackList stack={stack} open={open} isAside={isAside} />
      )}
    </section>
  );
}

function StackActions({ id, name }: Pick<StackView, "id" | "name">) {
  const away = useConnection() !== "live";
  const dialog = useRef<HTMLDialogElement>(null);
  const answer = useRef<(sure: boolean) => void>(() => {});
  const takeDown = async () => {
    const sure = await new Promise<boolean>((resolve) => {
      answer.current = resolve;
      dialog.current?.showModal();
    });
    return sure ? api.actOnStack(id, "down") : null;
  };
  return (
    <div className="actions">
      <ActionButton
        icon="restart"
        label="Restart all"
        description={`Restart all of ${name}`}
        disabled={away}
        act={() => api.actOnStack(id, "restart")}
      />
      <ActionButton icon="stop" label="Take down" description={`Take down ${name}`} disabled={away} act={takeDown} />
      <Confirm
        dialog={dialog}
        question={`Take ${name} down?`}
        yes="Take down"
        onAnswer={(sure) => answer.current(sure)}
      >
        All its services are stopped in reverse order, and the command that started them ends. Its ports stay reserved;
        data is kept.
      </Confirm>
    </div>
  );
}

/** `All 4 ready`, `3 of 4 ready, 1 failed`. */
function summary(services: readonly ServiceView[]): string {
  const fine = services.filter(({ state }) => state === "ready" || state === "completed").length;
  const failed = services.filter(({ state }) => state === "failed").length;
  if (fine === services.length) return services.length === 1 ? "ready" : `all ${services.length} ready`;
  return `${fine} of ${services.length} ready${failed > 0 ? `, ${failed} failed` : ""}`;
}
