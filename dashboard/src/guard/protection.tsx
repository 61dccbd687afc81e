import type { AuditView, GuardView } from "../../../src/home/view/view.ts";
import { count } from "../text/size.ts";
import { FIREWALL_WORDS } from "./verdict.ts";
import "./protection.css";

interface ProtectionProps {
  readonly guard: GuardView | null;
  readonly audit: AuditView | null;
}

/** What stands between this machine's services and others, at a glance. */
export function Protection({ guard, audit }: ProtectionProps) {
  const exposed = guard?.services.filter((one) => one.exposed !== null).length ?? 0;
  const up = guard?.services.length ?? 0;
  const exact = guard?.peerCheck === "exact";
  const unnamed = guard?.unnamed.reduce((sum, { letIn, refused }) => sum + letIn + refused, 0) ?? 0;
  return (
    <dl className="protection">
      <Fact term="Who connects" tone={guard === null || (exact && unnamed > 0) ? "plain" : exact ? "good" : "poor"}>
        {guard === null ? "…" : exact ? identified(unnamed) : "not available here"}
        <small>
          {exact
            ? "each connection's user is looked up before any byte is read"
            : "this system doesn't tell a connection's user: other users can connect"}
        </small>
      </Fact>
      <Fact term="Refused" tone="plain">
        {guard === null ? "…" : count(guard.total, "time")}
        <small>since Cove started</small>
      </Fact>
      <Fact term="Binds" tone={up === 0 ? "plain" : exposed === 0 ? "good" : "poor"}>
        {up === 0 ? "none" : exposed === 0 ? "all on loopback" : `${count(exposed, "service")} exposed`}
        <small>{up === 0 ? "no service is running" : `of ${count(up, "service")}`}</small>
      </Fact>
      <Fact term="Firewall" tone={audit?.firewall.state === "filters" ? "good" : "plain"}>
        {audit === null ? "…" : (audit.firewall.name ?? "none found")}
        <small>{audit === null ? "" : FIREWALL_WORDS[audit.firewall.state]}</small>
      </Fact>
    </dl>
  );
}

function identified(unnamed: number): string {
  return unnamed === 0 ? "every user identified" : `${count(unnamed, "client")} unnamed`;
}

interface FactProps {
  readonly term: string;
  readonly tone: "good" | "poor" | "plain";
  readonly children: React.ReactNode;
}

function Fact({ term, tone, children }: FactProps) {
  return (
    <div data-tone={tone}>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
