import type { GuardView } from "../../../src/home/view/view.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { ago } from "../text/time.ts";
import { CHECK_WORDS, type RefusalGroup, refusalGroups } from "./refusals.ts";
import "./refusal-list.css";

/** What the guard kept out, the latest first. */
export function RefusalList({ refusals }: Pick<GuardView, "refusals">) {
  const groups = refusalGroups(refusals);
  if (groups.length === 0) {
    return (
      <p className="nothing soft">
        Nothing was refused yet. Requests from foreign pages, other users or unknown names would appear here.
      </p>
    );
  }
  return (
    <ol className="refusals">
      {groups.map((group) => (
        <RefusalItem key={group.key} group={group} />
      ))}
    </ol>
  );
}

function RefusalItem({ group }: { readonly group: RefusalGroup }) {
  const { check, service, what, why, hint, allow, count, time, since: first, peers } = group;
  const now = Date.now();
  return (
    <li className="refusal" data-check={check}>
      <span className="check">{CHECK_WORDS[check]}</span>
      <div className="finding-text">
        <p className="finding-what">
          {what}
          {service !== null && <span className="soft"> to {service}</span>}
        </p>
        <p className="soft">{why}</p>
        {allow === null
          ? hint !== null && <p className="soft">{hint}</p>
          : service !== null && (
              <p className="fixes">
                <span>
                  to allow it, in {service}: <code>{allow}</code>
                </span>
                <CopyButton text={allow} label={`Copy ${allow}`} />
              </p>
            )}
      </div>
      <p className="refusal-when">
        <strong>{count === 1 ? "once" : `${count.toLocaleString("en")} times`}</strong>
        <span>{ago(time, now)}</span>
        {count > 1 && now - first > 60_000 && <span>first {ago(first, now)}</span>}
        {peers.length > 0 && <span>{peers.join(", ")}</span>}
      </p>
    </li>
  );
}
