-- Commands that come again, each made by one delivery; and the warning that stands for an environment.
CREATE TABLE schedules (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery TEXT    NOT NULL UNIQUE,
    version  INTEGER NOT NULL,
    stands   INTEGER NOT NULL,
    v        INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE INDEX schedules_standing ON schedules (id) WHERE stands = TRUE;

CREATE TABLE warnings (
    project TEXT    NOT NULL,
    env     TEXT    NOT NULL,
    v       INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (project, env)
) STRICT, WITHOUT ROWID;
