import type { AuditView } from "../../../src/home/view/view.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { count } from "../text/size.ts";
import { fixParts, sorted } from "./verdict.ts";
import "./audit-list.css";

type Finding = AuditView["findings"][number];

/** What others can reach or read, worst first, each with its fix. */
export function AuditList({ findings, looked }: Pick<AuditView, "findings" | "looked">) {
  const { grave, mild } = sorted(findings);
  const seen = [
    count(looked.listeners, "listener"),
    ...(looked.containers > 0 ? [count(looked.containers, "container")] : []),
  ].join(" and ");
  return (
    <>
      {grave.length === 0 && (
        <p className="nothing soft">Nothing that others could misuse among {seen}, and Cove's own files are private.</p>
      )}
      <ol className="findings">
        {grave.map((finding) => (
          <FindingItem key={`${finding.rule} ${finding.where}`} finding={finding} />
        ))}
      </ol>
      {mild.length > 0 && (
        <details className="mild">
          <summary>{mild.length === 1 ? "1 more, minor" : `${mild.length} more, minor`}</summary>
          <ol className="findings">
            {mild.map((finding) => (
              <FindingItem key={`${finding.rule} ${finding.where}`} finding={finding} />
            ))}
          </ol>
        </details>
      )}
    </>
  );
}

function FindingItem({ finding }: { readonly finding: Finding }) {
  const { severity, what, why, fix, command, rule } = finding;
  const { before, code, after } = fixParts(finding);
  return (
    <li className="finding" data-severity={severity} data-rule={rule}>
      <span className="severity">{severity}</span>
      <div className="finding-text">
        <p className="finding-what">{what}</p>
        <p className="soft">{why}</p>
        <p className="fixes">
          <span>
            {before}
            {code !== "" && <code>{code}</code>}
            {after}
          </span>
          <CopyButton text={command ?? fix} label={`Copy ${command ?? "the fix"}`} />
        </p>
      </div>
    </li>
  );
}
