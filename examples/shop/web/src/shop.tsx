import { type FormEvent, useCallback, useEffect, useState } from "react";

interface Product {
  id: number;
  name: string;
  kind: string;
  price_cents: number;
}

interface PlacedOrder {
  id: number;
  customer: string;
  product: string;
  quantity: number;
  total_cents: number;
  placed_at: string;
}

const money = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });
const marks: Record<string, string> = { lamp: "🏮", blanket: "🧶", mug: "☕", book: "📖", rope: "🪢", compass: "🧭" };

async function get<T>(path: string): Promise<T> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

export function Shop() {
  const [products, setProducts] = useState<Product[]>([]);
  const [orders, setOrders] = useState<PlacedOrder[]>([]);
  const [chosen, setChosen] = useState<number>();
  const [problem, setProblem] = useState<string>();

  const load = useCallback(async () => {
    try {
      const [shelf, placed] = await Promise.all([get<Product[]>("/api/products"), get<PlacedOrder[]>("/api/orders")]);
      setProducts(shelf);
      setOrders(placed);
      setProblem(undefined);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }, []);

  useEffect(() => {
    void load();
  }, [load]);

  async function place(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const response = await fetch("/api/orders", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        productId: chosen ?? products[0]?.id,
        quantity: Number(fields.get("quantity")),
        customer: fields.get("customer"),
      }),
    });
    if (!response.ok) {
      setProblem((await response.json()).error);
      return;
    }
    form.reset();
    await load();
  }

  return (
    <main>
      <header>
        <h1>Harbour Goods</h1>
        <p>Plain things that last, kept in a real database.</p>
      </header>
      {problem && <p role="alert">{problem}</p>}
      <section aria-label="Products" className="shelf">
        {products.map((product) => (
          <button
            type="button"
            key={product.id}
            aria-pressed={(chosen ?? products[0]?.id) === product.id}
            onClick={() => setChosen(product.id)}
          >
            <span className="mark" aria-hidden="true">
              {marks[product.kind] ?? "📦"}
            </span>
            <strong>{product.name}</strong>
            <span>{money.format(product.price_cents / 100)}</span>
          </button>
        ))}
      </section>
      <form onSubmit={place}>
        <label>
          Name <input name="customer" required autoComplete="name" />
        </label>
        <label>
          Quantity <input name="quantity" type="number" min="1" max="99" defaultValue="1" required />
        </label>
        <button type="submit" className="place">
          Place order
        </button>
      </form>
      <section aria-label="Orders">
        <h2>Orders</h2>
        {orders.length === 0 ? (
          <p className="quiet">None yet: yours will be the first.</p>
        ) : (
          <ol className="orders">
            {orders.map((order) => (
              <li key={order.id}>
                <span>
                  {order.quantity} × {order.product}
                </span>
                <span className="quiet">{order.customer}</span>
                <span>{money.format(order.total_cents / 100)}</span>
              </li>
            ))}
          </ol>
        )}
      </section>
    </main>
  );
}
