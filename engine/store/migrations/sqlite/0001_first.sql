-- The first schema. Bodies are JSON in the form that the column `v` names; times are RFC 3339 texts, compared by our
-- code and never by SQL; whatever SQL searches by has a column of its own.

-- What the chat workspace delivered.
CREATE TABLE deliveries (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT    NOT NULL UNIQUE,
    kind    TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    at      TEXT    NOT NULL,
    handled INTEGER NOT NULL DEFAULT FALSE
) STRICT;
CREATE INDEX deliveries_unhandled ON deliveries (number) WHERE handled = FALSE;

-- Operations, with what is searched by and the lease: nobody holds one without a holder, and the epoch never falls.
CREATE TABLE operations (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery TEXT    NOT NULL UNIQUE,
    project  TEXT    NOT NULL,
    env      TEXT    NOT NULL,
    services TEXT    NOT NULL,
    channel  TEXT    NOT NULL,
    thread   TEXT,
    state    TEXT    NOT NULL,
    open     INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    reported INTEGER NOT NULL DEFAULT 0,
    at       TEXT    NOT NULL,
    epoch    INTEGER NOT NULL DEFAULT 0,
    holder   TEXT,
    until    TEXT
) STRICT;
CREATE INDEX operations_of_environment ON operations (project, env, id);
CREATE INDEX operations_open ON operations (id) WHERE open = TRUE;
CREATE INDEX operations_unreported ON operations (id) WHERE reported < seq;
CREATE INDEX operations_in_thread ON operations (channel, thread) WHERE thread IS NOT NULL;

-- The journals.
CREATE TABLE entries (
    op   INTEGER NOT NULL REFERENCES operations (id),
    seq  INTEGER NOT NULL,
    at   TEXT    NOT NULL,
    v    INTEGER NOT NULL,
    body TEXT    NOT NULL,
    PRIMARY KEY (op, seq)
) STRICT, WITHOUT ROWID;

-- Deliveries that wrote to a journal: each does once.
CREATE TABLE effects (
    delivery TEXT    NOT NULL PRIMARY KEY,
    op       INTEGER NOT NULL REFERENCES operations (id)
) STRICT, WITHOUT ROWID;

-- Claims held and waited for, in the order of asking.
CREATE TABLE claims (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    op       INTEGER NOT NULL UNIQUE REFERENCES operations (id),
    project  TEXT    NOT NULL,
    env      TEXT    NOT NULL,
    held     INTEGER NOT NULL,
    v        INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE INDEX claims_of_environment ON claims (project, env);

-- The records of environments.
CREATE TABLE environments (
    project     TEXT    NOT NULL,
    env         TEXT    NOT NULL,
    incarnation INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    v           INTEGER NOT NULL,
    body        TEXT    NOT NULL,
    PRIMARY KEY (project, env)
) STRICT, WITHOUT ROWID;

-- The resources that exist, may exist, or are going.
CREATE TABLE resources (
    project    TEXT    NOT NULL,
    env        TEXT    NOT NULL,
    addr       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    v          INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    PRIMARY KEY (project, env, addr, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
    project TEXT    NOT NULL,
    env     TEXT    NOT NULL,
    service TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    v       INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (project, env, service, number)
) STRICT, WITHOUT ROWID;

-- Project files as they were when something was made of them.
CREATE TABLE revisions (
    project TEXT NOT NULL,
    digest  TEXT NOT NULL,
    text    TEXT NOT NULL,
    at      TEXT NOT NULL,
    PRIMARY KEY (project, digest)
) STRICT, WITHOUT ROWID;

-- Messages on their way, and sent.
CREATE TABLE posts (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    key           TEXT    NOT NULL UNIQUE,
    channel       TEXT    NOT NULL,
    only_for      TEXT,
    v             INTEGER NOT NULL,
    thread        TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    version       INTEGER NOT NULL DEFAULT 1,
    sent          INTEGER NOT NULL DEFAULT 0,
    tried         INTEGER NOT NULL DEFAULT FALSE,
    ts            TEXT,
    undeliverable TEXT
) STRICT;
CREATE INDEX posts_unsent ON posts (number) WHERE sent < version AND undeliverable IS NULL;
CREATE INDEX posts_at ON posts (channel, ts) WHERE ts IS NOT NULL;
