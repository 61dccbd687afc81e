import { useEffect, useState } from "react";
import { api, type Held } from "../../home/api.ts";
import { Icon } from "../../parts/icon.tsx";
import { toast } from "../../parts/toasts.tsx";
import { useCell } from "../../state/cell.ts";
import type { ExchangeList } from "../list/exchange-list.ts";
import "./held-bar.css";

/** Held requests, on top of the list until they are released or dropped. */
export function HeldBar({ list, onShow }: { readonly list: ExchangeList; readonly onShow: (id: string) => void }) {
  const held = useCell(list.held);
  if (held.length === 0) return null;
  return (
    <section className="held-bar" aria-label="Held requests">
      {held.map((one) => (
        <HeldRow key={one.id} held={one} onShow={onShow} />
      ))}
      {held.length > 2 && (
        <button
          type="button"
          className="button"
          onClick={() => {
            for (const { id } of held) void decide(id, "go");
          }}
        >
          Release all {held.length}
        </button>
      )}
    </section>
  );
}

function HeldRow({
  held: { id, since, exchange, method, target },
  onShow,
}: {
  readonly held: Held;
  readonly onShow: (id: string) => void;
}) {
  return (
    <div className="held-row">
      <Icon name="hold" />
      <button type="button" className="held-what" onClick={() => onShow(exchange.id)}>
        <strong>{method}</strong> {target}
        <span className="soft"> {exchange.edge}</span>
      </button>
      <Waits since={since} />
      <span className="held-actions">
        <button type="button" className="button" onClick={() => onShow(exchange.id)}>
          <Icon name="edit" />
          Edit
        </button>
        <button type="button" className="button" onClick={() => void decide(id, "go")}>
          <Icon name="start" />
          Release
        </button>
        <button type="button" className="button" data-tone="danger" onClick={() => void decide(id, "drop")}>
          Drop
        </button>
      </span>
    </div>
  );
}

function Waits({ since }: { readonly since: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <span className="held-since">{Math.max(0, Math.round((now - since) / 1_000))} s</span>;
}

async function decide(id: string, action: "go" | "drop"): Promise<void> {
  const failed = await api.release(id, action);
  if (failed !== null) toast(failed);
}
