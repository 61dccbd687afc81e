import type { ExchangeError } from "../../../../src/capture/exchange.ts";
import type { PostgresDetail } from "../../../../src/inspect/detail.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { count } from "../../text/size.ts";
import { Code } from "../body/code.tsx";
import "./query.css";

interface QueryProps {
  readonly detail: PostgresDetail;
  readonly error: ExchangeError | null;
}

/** A query with what was put into it and what came out. */
export function Query({ detail, error }: QueryProps) {
  const { sql, statement, params, columns, rows, rowCount, tag, transaction, database, user } = detail;
  return (
    <>
      {error !== null && (
        <div className="cause">
          <p className="cause-message">
            {error.code} {error.message}
          </p>
        </div>
      )}
      <section className="part">
        <h3>
          SQL <CopyButton text={sql} label="Copy the SQL" />
        </h3>
        <Code text={sql} language="sql" />
        <p className="soft sql-facts">
          {[
            database === null ? null : `database ${database}`,
            user === null ? null : `as ${user}`,
            statement === null ? "simple protocol" : statement === "" ? null : `statement ${statement}`,
            transaction === null ? null : `in transaction ${transaction}`,
          ]
            .filter((fact) => fact !== null)
            .join(" · ")}
        </p>
      </section>
      {params.length > 0 && (
        <section className="part">
          <h3>Parameters</h3>
          <table className="pairs-table">
            <tbody>
              {params.map((value, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a parameter is its number
                <tr key={at}>
                  <th scope="row">${at + 1}</th>
                  <td>{value ?? <Null />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <section className="part">
        <h3>
          {columns.length > 0 ? count(rowCount, "row") : (tag ?? "No rows")}
          {columns.length > 0 && tag !== null && <span className="soft"> {tag}</span>}
        </h3>
        {rows.length > 0 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          <div className="grid-scroll" tabIndex={0}>
            <table className="grid">
              <thead>
                <tr>
                  {columns.map((name, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a name may come twice
                    <th key={at} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
                  <tr key={at}>
                    {row.map((value, column) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
                      <td key={column}>{value ?? <Null />}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {rows.length < rowCount && columns.length > 0 && (
          <p className="soft">The first {rows.length.toLocaleString("en")} were kept.</p>
        )}
      </section>
    </>
  );
}

function Null() {
  return <span className="null">NULL</span>;
}
