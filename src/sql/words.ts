const list = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Words of SQL and names of types: no columns, unless they are quoted. */
export const RESERVED = list(`
  select insert update delete into from where and or not null is in like ilike similar between exists any all some as on
  using join left right full inner outer cross lateral natural group order by having limit offset fetch first next row rows
  only union intersect except distinct returning values set default case when then else end asc desc nulls last with
  recursive conflict do nothing begin commit rollback create alter drop table index view role user group database schema
  column constraint primary key foreign references check unique cascade restrict if for no share of window over partition
  filter array true false cast collate escape copy stdin stdout to execute prepare explain analyze verbose overriding
  system value materialized unknown valid until login superuser encrypted temporary temp local session current_timestamp
  current_date current_time now localtime localtimestamp current_user
  text varchar char character varying int integer int2 int4 int8 bigint smallint serial bigserial boolean bool numeric
  decimal real double precision float float4 float8 uuid json jsonb bytea date time timestamp timestamptz interval zone
  without inet citext
`);

/** A new part of a statement, or of a condition, begins: what is named before says nothing about the values after it. */
export const BOUNDARIES = list(`
  and or where when then else set values from join on having group order limit offset fetch returning select union
  intersect except do using with into returning until insert update delete
`);

/** What follows names tables. */
export const OF_TABLES = list("from join into update using");
/** What follows is a number or a date of the statement's own. */
export const OF_NUMBERS = list("limit offset fetch until");
/** Before a parenthesis they call no function. */
export const NO_CALLS = list(
  "in any all some and or not values exists as on using where when then else select from set by",
);
/** Functions whose result doesn't hold what they were given. */
export const TELL_NOTHING = list("count length char_length octet_length exists bool_or bool_and");
