create table products (
  id integer primary key generated always as identity,
  name text not null,
  kind text not null,
  price_cents integer not null check (price_cents >= 0)
);

create table orders (
  id integer primary key generated always as identity,
  product_id integer not null references products (id),
  quantity integer not null check (quantity between 1 and 99),
  customer text not null,
  placed_at timestamptz not null default now()
);

insert into products (name, kind, price_cents) values
  ('Storm lantern', 'lamp', 4200),
  ('Wool blanket', 'blanket', 6800),
  ('Enamel mug', 'mug', 1450),
  ('Tide table 2027', 'book', 1900),
  ('Hemp rope, 20 m', 'rope', 2600),
  ('Brass compass', 'compass', 5400);
