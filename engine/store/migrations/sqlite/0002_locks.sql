-- Locks that are held; `service` is empty where all of an environment is locked.
CREATE TABLE locks (
    project TEXT    NOT NULL,
    env     TEXT    NOT NULL,
    service TEXT    NOT NULL,
    v       INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (project, env, service)
) STRICT, WITHOUT ROWID;

-- What happened to locks, each by a delivery that has its effect once.
CREATE TABLE lock_events (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery TEXT    NOT NULL UNIQUE,
    project  TEXT    NOT NULL,
    env      TEXT    NOT NULL,
    v        INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE INDEX lock_events_of_environment ON lock_events (project, env, number);
