import "./pairs.css";
/** Names and values: header fields, fields of a form. In order, repeated ones too. */
export function Pairs({
  pairs,
  label,
}: {
  readonly pairs: readonly (readonly [string, string])[];
  readonly label: string;
}) {
  if (pairs.length === 0) return <p className="soft">None.</p>;
  return (
    <table className="pairs-table" aria-label={label}>
      <tbody>
        {pairs.map(([name, value], at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names may come twice, and never change places
          <tr key={at}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
