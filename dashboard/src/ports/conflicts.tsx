import type { PortsView } from "../../../src/home/view/view.ts";
import { Icon } from "../parts/icon.tsx";
import { place } from "../text/place.ts";
import { CONFLICT_TEXT, processText, type Row } from "./rows.ts";
import "./conflicts.css";

interface ConflictsProps {
  readonly conflicts: PortsView["conflicts"];
  readonly rows: readonly Row[];
}

/** Ports that several processes hold. */
export function Conflicts({ conflicts, rows }: ConflictsProps) {
  if (conflicts.length === 0) return null;
  return (
    <ul className="conflicts" aria-label="Ports that several processes hold">
      {conflicts.map(({ port, kind, between }) => (
        <li key={port} data-calm={kind === "apart" || undefined}>
          <Icon name="warning" />
          <div>
            <p>
              <strong>{port}</strong> {CONFLICT_TEXT[kind]}
            </p>
            <p className="soft">
              {between
                .map(({ host, pids }) => `${place({ host, port })} ${whose(rows, host, port, pids[0])}`)
                .join(" · ")}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function whose(rows: readonly Row[], host: string, port: number, pid: number | undefined): string {
  const row = rows.find((one) => one.host === host && one.port === port && one.pids[0] === pid);
  if (row === undefined) return "";
  const name = row.process?.program ?? processText(row);
  return pid === undefined ? name : `${name} (pid ${pid})`;
}
