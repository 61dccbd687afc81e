import type { ServiceView } from "../../../src/home/view/view.ts";
import "./cause.css";

interface CauseProps {
  readonly cause: NonNullable<ServiceView["cause"]>;
  /** Also the last lines of the log that come with it; not where the log itself is shown. */
  readonly excerpt: boolean;
}

/** Why a service isn't well, and what to do. */
export function Cause({ cause: { message, hint }, excerpt }: CauseProps) {
  const [headline, ...lines] = message.split("\n").map((line) => line.trim());
  const told = [...new Set(lines.filter((line) => line !== ""))];
  return (
    <div className="cause" role={excerpt ? undefined : "alert"}>
      <p className="cause-message">{headline}</p>
      {excerpt && told.length > 0 && <p className="cause-lines">{told.join("\n")}</p>}
      {hint !== undefined && <p className="cause-hint">{hint}</p>}
    </div>
  );
}
