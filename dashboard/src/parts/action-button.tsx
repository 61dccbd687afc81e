import { useState } from "react";
import type { Fault } from "../../../src/fault/fault.ts";
import { Icon, type IconName } from "./icon.tsx";
import { toast } from "./toasts.tsx";

interface ActionButtonProps {
  readonly icon: IconName;
  readonly label: string;
  /** For screen readers, where the label alone doesn't say of what. */
  readonly description?: string;
  readonly disabled?: boolean;
  readonly tone?: "calm" | "danger";
  readonly act: () => Promise<Fault | null>;
}

/** A button that shows that it works on it, and tells in a toast when that failed. */
export function ActionButton({ icon, label, description, disabled = false, tone = "calm", act }: ActionButtonProps) {
  const [busy, setBusy] = useState(false);
  const onClick = async () => {
    if (busy) return;
    setBusy(true);
    const failed = await act();
    setBusy(false);
    if (failed !== null) toast(failed);
  };
  return (
    <button
      type="button"
      className="button"
      data-tone={tone}
      aria-busy={busy}
      aria-disabled={busy}
      disabled={disabled && !busy}
      aria-label={description}
      onClick={onClick}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : <Icon name={icon} />}
      {label}
    </button>
  );
}
