import { serve } from "@hono/node-server";
import { Hono } from "hono";
import pg from "pg";

/** Cove hands over the address of the edge `api → db`; nothing here knows which port Postgres really has. */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
// An idle connection that the database closes (a restart) is replaced by the next query.
pool.on("error", (error) => console.error(`database: ${error.message}`));

const app = new Hono();

app.get("/healthz", async (c) => {
  await pool.query("select 1");
  return c.json({ ok: true });
});

app.get("/products", async (c) => {
  const { rows } = await pool.query("select id, name, kind, price_cents from products order by id");
  return c.json(rows);
});

app.get("/orders", async (c) => {
  const { rows } = await pool.query(
    `select o.id, o.customer, o.quantity, o.placed_at, p.name as product, p.price_cents * o.quantity as total_cents
       from orders o join products p on p.id = o.product_id order by o.id desc limit 50`,
  );
  return c.json(rows);
});

app.post("/orders", async (c) => {
  const order: unknown = await c.req.json().catch(() => null);
  if (!isOrder(order)) return c.json({ error: "an order has productId, quantity (1–99) and customer" }, 422);
  const { rows } = await pool.query(
    "insert into orders (product_id, quantity, customer) select id, $2, $3 from products where id = $1 returning id",
    [order.productId, order.quantity, order.customer.trim()],
  );
  if (rows.length === 0) return c.json({ error: `no product ${order.productId}` }, 404);
  console.log(`order ${rows[0].id}: ${order.quantity} × product ${order.productId} for ${order.customer.trim()}`);
  return c.json({ id: rows[0].id }, 201);
});

app.onError((error, c) => {
  console.error(`${c.req.method} ${c.req.path}: ${error.message}`);
  return c.json({ error: "the database did not answer" }, 503);
});

interface Order {
  productId: number;
  quantity: number;
  customer: string;
}

function isOrder(value: unknown): value is Order {
  if (typeof value !== "object" || value === null) return false;
  const { productId, quantity, customer } = value as Record<string, unknown>;
  return (
    Number.isInteger(productId) &&
    Number.isInteger(quantity) &&
    Number(quantity) >= 1 &&
    Number(quantity) <= 99 &&
    typeof customer === "string" &&
    customer.trim().length > 0
  );
}

const server = serve(
  { fetch: app.fetch, port: Number(process.env.PORT), hostname: process.env.HOST ?? "127.0.0.1" },
  (at) => console.log(`shop api listens on ${at.address}:${at.port}`),
);

process.once("SIGTERM", () => {
  server.close();
  void pool.end();
});
