import type { GuardView } from "../../../src/home/view/view.ts";
import { count } from "../text/size.ts";
import { ago } from "../text/time.ts";

/** Clients whose user could not be looked up, by service: how many were refused and let in. */
export function UnnamedList({ unnamed }: Pick<GuardView, "unnamed">) {
  const now = Date.now();
  return (
    <ol className="refusals">
      {unnamed.map(({ service, letIn, refused, time }) => (
        <li key={service} className="refusal" data-check="unnamed">
          <span className="check">{refused > 0 ? "refused" : "let in"}</span>
          <div className="finding-text">
            <p className="finding-what">
              {[
                ...(refused > 0 ? [`${count(refused, "client")} refused`] : []),
                ...(letIn > 0 ? [`${count(letIn, "client")} let in`] : []),
              ].join(", ")}
              <span className="soft"> at {service}</span>
            </p>
            <p className="soft">
              {refused > 0
                ? "What they sent did not arrive: only clients whose user is known may use this service. The audit says how to let them in."
                : "Everyone on this machine can connect to the service's own port, so refusing them would protect nothing."}
            </p>
          </div>
          <p className="refusal-when">
            <span>{ago(time, now)}</span>
          </p>
        </li>
      ))}
    </ol>
  );
}
