/**
 * The schema's history: entry N takes a file from version N to N + 1 (`PRAGMA user_version`). Only ever append; a
 * released entry is never edited, since files out there have run it.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE leases (
    host       TEXT    NOT NULL,
    port       INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    project    TEXT    NOT NULL,
    root       TEXT    NOT NULL,
    branch     TEXT,
    holder     TEXT    NOT NULL,
    fixed      INTEGER NOT NULL CHECK (fixed IN (0, 1)),
    created_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    PRIMARY KEY (project, holder),
    -- What even a bug must not break: one address, one holder.
    UNIQUE (host, port)
  ) STRICT;

  -- A loopback address of one's own is nobody else's, on any port.
  CREATE UNIQUE INDEX leases_own_address ON leases (host) WHERE host <> '127.0.0.1';

  CREATE TABLE processes (
    stack          TEXT    NOT NULL,
    runner_pid     INTEGER NOT NULL,
    runner_started TEXT    NOT NULL,
    service        TEXT    NOT NULL,
    pid            INTEGER NOT NULL,
    started        TEXT    NOT NULL,
    PRIMARY KEY (pid, started)
  ) STRICT;

  CREATE INDEX processes_stack ON processes (stack, service);

  CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
  ) STRICT;

  CREATE TABLE aliases (
    name TEXT PRIMARY KEY,
    host TEXT    NOT NULL,
    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535)
  ) STRICT;
  `,
  `
  -- Stacks that are up, so that a home whose predecessor was killed has their names before their runners are back.
  CREATE TABLE live_stacks (
    stack TEXT PRIMARY KEY,
    said  TEXT NOT NULL CHECK (json_valid(said))
  ) STRICT;
  `,
];
