import type { Snapshot } from "../../../src/home/view/view.ts";
import { api } from "../home/api.ts";
import { useHome } from "../home/home.ts";
import { useLook } from "../home/use-look.ts";
import { useTitle } from "../home/use-stacks.ts";
import { useShortcuts } from "../keys/shortcuts.ts";
import { Icon } from "../parts/icon.tsx";
import { SectionHead } from "../parts/section-head.tsx";
import { navigate } from "../routing/navigate.ts";
import { useCell } from "../state/cell.ts";
import { AuditList } from "./audit-list.tsx";
import { Protection } from "./protection.tsx";
import { RefusalList } from "./refusal-list.tsx";
import { ServiceGuards } from "./service-guards.tsx";
import { UnnamedList } from "./unnamed-list.tsx";
import { headline } from "./verdict.ts";
import "./guard-page.css";

/** Between two audits, ms: each asks the firewall and the container engines. */
const AUDIT_PAUSE = 15_000;
/** Refusals have events of their own. */
const GUARD_PAUSE = 60_000;

/** What is open to others, what was refused, and how services are protected. */
export function GuardPage({ snapshot }: { readonly snapshot: Snapshot }) {
  const { refused } = useHome();
  const audit = useLook(api.audit, AUDIT_PAUSE);
  const told = useCell(refused);
  // A service that is exposed, or no more, is another snapshot.
  const causes = snapshot.stacks.flatMap(({ id, services }) => services.map((one) => [id, one.name, one.cause?.fault]));
  const guard = useLook(api.guard, GUARD_PAUSE, `${told} ${JSON.stringify(causes)}`);
  const title = headline(audit.view);
  const fault = audit.fault ?? guard.fault;
  useShortcuts({ Escape: () => navigate("/") });
  useTitle("Guard");

  return (
    <div>
      <div className="page-head">
        <h1>{audit.view === null && fault !== null ? "The audit isn't available now" : title}</h1>
        <div className="page-tools">
          <button type="button" className="button" aria-busy={audit.busy} onClick={audit.again}>
            {audit.busy ? <span className="spinner" aria-hidden="true" /> : <Icon name="restart" />}
            Run again
          </button>
        </div>
      </div>
      {fault !== null && <p className="nothing soft">{fault.message}</p>}
      <Protection guard={guard.view} audit={audit.view} />
      <div className="guard-body">
        <div>
          <section className="stack" aria-labelledby="audit">
            <SectionHead id="audit" title="Open to others">
              worst first; in a terminal: cove audit
            </SectionHead>
            {audit.view !== null && <AuditList {...audit.view} />}
          </section>
          <section className="stack" aria-labelledby="refusals">
            <SectionHead id="refusals" title="Refused">
              connections and requests to the door, relays and the API
            </SectionHead>
            {guard.view !== null && <RefusalList {...guard.view} />}
          </section>
          {guard.view !== null && guard.view.unnamed.length > 0 && (
            <section className="stack" aria-labelledby="unnamed">
              <SectionHead id="unnamed" title="Unnamed clients">
                closed before their user could be looked up
              </SectionHead>
              <UnnamedList {...guard.view} />
            </section>
          )}
        </div>
        <section className="stack" aria-labelledby="binds">
          <SectionHead id="binds" title="Services">
            where they listen, who may connect
          </SectionHead>
          {guard.view !== null && <ServiceGuards {...guard.view} />}
        </section>
      </div>
    </div>
  );
}
