import type { ServiceView } from "../../../src/home/view/view.ts";
import { api, type ServiceAction } from "../home/api.ts";
import { ActionButton } from "../parts/action-button.tsx";

interface ServiceActionsProps {
  readonly stack: string;
  readonly service: ServiceView;
  readonly disabled: boolean;
}

const LABELS: Record<ServiceAction, string> = { restart: "Restart", stop: "Stop", start: "Start" };

export function ServiceActions({ stack, service: { name, state }, disabled }: ServiceActionsProps) {
  const ended = state === "stopped" || state === "failed" || state === "completed";
  // Both keep their place while they work, so that a button is never pulled from under a pointer.
  const first: ServiceAction = ended ? "start" : "restart";
  return (
    <div className="actions">
      {([first, "stop"] as const).map((action) => (
        <ActionButton
          key={action === "stop" ? "stop" : "go"}
          icon={action}
          label={LABELS[action]}
          description={`${LABELS[action]} ${name}`}
          disabled={disabled || (action === "stop" && (ended || state === "stopping"))}
          act={() => api.act(stack, name, action)}
        />
      ))}
    </div>
  );
}
