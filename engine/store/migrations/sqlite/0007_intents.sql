-- What deliveries are about to have done, or have had done, that no journal tells; each once.
CREATE TABLE intents (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    delivery TEXT    NOT NULL UNIQUE,
    project  TEXT    NOT NULL,
    env      TEXT    NOT NULL,
    v        INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE INDEX intents_of_environment ON intents (project, env, number);
