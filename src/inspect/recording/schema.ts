/** The recordings' file: entry N takes it from version N to N + 1. Only ever append. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE recordings (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    filter     TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    -- Null: it runs, or its home ended without a word.
    ended_at   INTEGER,
    exchanges  INTEGER NOT NULL DEFAULT 0,
    bytes      INTEGER NOT NULL DEFAULT 0,
    dropped    INTEGER NOT NULL DEFAULT 0,
    evicted    INTEGER NOT NULL DEFAULT 0,
    -- The home that recorded last, what it adds to its numbers, and the highest number so far.
    home       TEXT    NOT NULL,
    shift      INTEGER NOT NULL,
    top        INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE exchanges (
    id        INTEGER PRIMARY KEY,
    recording INTEGER NOT NULL REFERENCES recordings (id),
    size      INTEGER NOT NULL,
    text      TEXT    NOT NULL,
    bytes     BLOB    NOT NULL
  ) STRICT;

  CREATE INDEX exchanges_recording ON exchanges (recording, id);
  `,
];
