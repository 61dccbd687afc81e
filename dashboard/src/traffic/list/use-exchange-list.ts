import { useEffect, useState } from "react";
import { useHome } from "../../home/home.ts";
import { useCell } from "../../state/cell.ts";
import { type ExchangeList, openList } from "./exchange-list.ts";

/** The list for a filter, live as long as the component is shown; null for the moment before it begins. */
export function useExchangeList(filter: string, traces: boolean): ExchangeList | null {
  const [list, setList] = useState<ExchangeList | null>(null);
  // The first one begins while the page does. A later one may mean a new home, with numbers of its own.
  const stream = Math.max(1, useCell(useHome().stream));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stream isn't used, but says when to begin anew
  useEffect(() => {
    const mine = openList({ filter, traces });
    setList(mine);
    return mine.close;
  }, [filter, traces, stream]);
  return list;
}
