import { memo, useSyncExternalStore } from "react";
import { CopyButton } from "../parts/copy-button.tsx";
import { Icon } from "../parts/icon.tsx";
import type { Cell } from "../state/cell.ts";
import { place } from "../text/place.ts";
import { since } from "../text/time.ts";
import { belongsTo, EXPOSURE_WORDS, processText, type Row, rowKey } from "./rows.ts";
import "./listeners-table.css";

interface ListenersTableProps {
  readonly rows: readonly Row[];
  /** Ports that several processes hold to someone's surprise. */
  readonly clashing: ReadonlySet<number>;
  /** The port that is looked at. */
  readonly looked: Cell<number | null>;
}

export function ListenersTable({ rows, clashing, looked }: ListenersTableProps) {
  return (
    <table className="listeners" onPointerLeave={() => looked.set(null)}>
      <thead>
        <tr>
          <th scope="col">Address</th>
          <th scope="col">Process</th>
          <th scope="col">Pid</th>
          <th scope="col">User</th>
          <th scope="col">Belongs to</th>
          <th scope="col">Reached from</th>
          <th scope="col">Since</th>
          <th scope="col">
            <span className="unseen">Explain</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Line
            key={rowKey(row)}
            row={row}
            clashing={row.protocol === "tcp" && clashing.has(row.port)}
            looked={looked}
          />
        ))}
      </tbody>
    </table>
  );
}

interface LineProps {
  readonly row: Row;
  readonly clashing: boolean;
  readonly looked: Cell<number | null>;
}

/** Looks are other objects each time, though they mostly say the same. */
const Line = memo(
  function Line({ row, clashing, looked }: LineProps) {
    const { host, port, protocol, exposure, process, pids, user, uid } = row;
    const marked = useSyncExternalStore(looked.listen, () => looked.get() === port);
    return (
      <tr
        data-exposure={exposure}
        data-port={port}
        data-marked={marked || undefined}
        tabIndex={-1}
        onPointerEnter={() => looked.set(port)}
      >
        <th scope="row">
          <code>{place({ host, port })}</code>
          {protocol === "udp" && <span className="tag">udp</span>}
          {clashing && (
            <span className="clash" title="Several processes hold this port">
              <Icon name="warning" />
              <span className="unseen">Several processes hold this port</span>
            </span>
          )}
        </th>
        <td className="cell-process" title={process?.command ?? undefined}>
          {processText(row)}
        </td>
        <td className="cell-pid">
          {pids[0] !== undefined && (
            <>
              <span className="cell-word">pid </span>
              {pids[0]}
              {pids.length > 1 && ` +${pids.length - 1}`}
            </>
          )}
        </td>
        <td className="cell-user">{user ?? uid}</td>
        <td className="cell-owner" title={belongsTo(row)}>
          {belongsTo(row)}
        </td>
        <td className="cell-exposure">
          <span className="exposure" data-exposure={exposure}>
            {EXPOSURE_WORDS[exposure]}
          </span>
        </td>
        <td className="cell-since">{process?.startedAt == null ? "" : since(process.startedAt, Date.now())}</td>
        <td className="cell-actions">
          <CopyButton text={`cove explain ${port}`} label={`Copy cove explain ${port}`} />
        </td>
      </tr>
    );
  },
  (before, after) =>
    before.clashing === after.clashing &&
    (before.row === after.row || JSON.stringify(before.row) === JSON.stringify(after.row)),
);
