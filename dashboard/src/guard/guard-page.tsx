import { useEffect } from "react";
import type { Snapshot } from "../../../src/home/view/view.ts";
import { useHome } from "../home/home.ts";
import { useLook } from "../home/use-look.ts";
import { useShortcuts } from "../keys/shortcuts.ts";
import { Icon } from "../parts/icon.tsx";
import { navigate } from "../routing/navigate.ts";
import { useCell } from "../state/cell.ts";
import { AuditList } from "./audit-list.tsx";
import { Protection } from "./protection.tsx";
import { RefusalList } from "./refusal-list.tsx";
import { ServiceGuards } from "./service-guards.tsx";
import { headline } from "./verdict.ts";

/** From one audit to the next, ms: it asks the firewall and the container engines. */
const AUDIT_PAUSE = 15_000;
/** Refusals have events of their own. */
const GUARD_PAUSE = 60_000;

/** What is open to others, what was turned away, and how services are kept. */
export function GuardPage({ snapshot }: { readonly snapshot: Snapshot }) {
  const { api, refused } = useHome();
  const audit = useLook(api.audit, AUDIT_PAUSE);
  const told = useCell(refused);
  // A service that is exposed, or no more, is another snapshot.
  const causes = snapshot.stacks.flatMap(({ id, services }) => services.map((one) => [id, one.name, one.cause?.fault]));
  const guard = useLook(api.guard, GUARD_PAUSE, `${told} ${JSON.stringify(causes)}`);
  const title = headline(audit.view);
  const fault = audit.fault ?? guard.fault;
  useShortcuts({ Escape: () => navigate("/") });
  useEffect(() => {
    document.title = "Guard · Cove";
  }, []);

  return (
    <div>
      <div className="page-head">
        <h1>{audit.view === null && fault !== null ? "The guard can't be asked just now" : title}</h1>
        <div className="page-tools">
          <button type="button" className="button" aria-busy={audit.busy} onClick={audit.again}>
            {audit.busy ? <span className="spinner" aria-hidden="true" /> : <Icon name="restart" />}
            Look again
          </button>
        </div>
      </div>
      {fault !== null && <p className="nothing soft">{fault.message}</p>}
      <Protection guard={guard.view} audit={audit.view} />
      <div className="guard-body">
        <div>
          <section className="stack" aria-labelledby="audit">
            <header className="stack-head">
              <div className="stack-title">
                <h2 id="audit">Open to others</h2>
                <span className="stack-sum">worst first; in a terminal: cove audit</span>
              </div>
            </header>
            {audit.view !== null && <AuditList {...audit.view} />}
          </section>
          <section className="stack" aria-labelledby="refusals">
            <header className="stack-head">
              <div className="stack-title">
                <h2 id="refusals">Turned away</h2>
                <span className="stack-sum">at the door, at relays and at the API</span>
              </div>
            </header>
            {guard.view !== null && <RefusalList {...guard.view} />}
          </section>
        </div>
        <section className="stack" aria-labelledby="binds">
          <header className="stack-head">
            <div className="stack-title">
              <h2 id="binds">Services</h2>
              <span className="stack-sum">where they listen, whom they let in</span>
            </div>
          </header>
          {guard.view !== null && <ServiceGuards {...guard.view} />}
        </section>
      </div>
    </div>
  );
}
