import type { Attributes } from "../../../../src/telemetry/records.ts";

/** Attributes by name, as OpenTelemetry calls them. */
export function AttributeList({ attributes }: { readonly attributes: Attributes }) {
  const pairs = Object.entries(attributes);
  if (pairs.length === 0) return null;
  return (
    <dl className="attributes">
      {pairs.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
