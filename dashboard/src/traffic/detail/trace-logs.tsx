import { useState } from "react";
import type { KeptLog } from "../../../../src/telemetry/store.ts";
import { took } from "../list/words.ts";
import { AttributeList } from "./attribute-list.tsx";
import "./trace-logs.css";

interface TraceLogsProps {
  readonly logs: readonly KeptLog[];
  /** The trace's beginning, epoch ms. */
  readonly start: number;
}

/** More lines than this are the log page's job. */
const MOST = 200;

/** What services logged in a trace, by time since its beginning. */
export function TraceLogs({ logs, start }: TraceLogsProps) {
  const [open, setOpen] = useState<number | null>(null);
  return (
    <>
      <ol className="trace-logs">
        {logs.slice(0, MOST).map((log, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be the same in all that they say
          <li key={at} data-level={log.level ?? undefined}>
            <button type="button" aria-expanded={open === at} onClick={() => setOpen(open === at ? null : at)}>
              <span className="trace-log-time">{took(Math.max(0, log.at - start))}</span>
              <span className="trace-log-level">{log.level ?? ""}</span>
              <span className="trace-log-service">{log.service}</span>
              <span className="trace-log-text">{log.text}</span>
            </button>
            {open === at && (
              <AttributeList attributes={{ ...(log.scope !== "" && { logger: log.scope }), ...log.attributes }} />
            )}
          </li>
        ))}
      </ol>
      {logs.length > MOST && <p className="soft">and {(logs.length - MOST).toLocaleString("en")} more</p>}
    </>
  );
}
