import type { ExchangeList } from "../list/exchange-list.ts";
export function Compare({
  id,
  list,
  first,
}: {
  readonly id: string;
  readonly list: ExchangeList;
  readonly first: string | null;
}) {
  return (
    <p className="soft">
      {id}
      {first}
      {list.arrivals.get()}
    </p>
  );
}
