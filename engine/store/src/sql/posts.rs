//! Messages.

macro_rules! select_posts {
    ($rest:literal) => {
        concat!("SELECT key, channel, only_for, v, thread, body, version, sent, tried, ts FROM posts WHERE ", $rest)
    };
}

macro_rules! insert_post {
    ($rest:literal) => {
        concat!(
            "INSERT INTO posts (key, channel, only_for, v, thread, body) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (key) DO ",
            $rest
        )
    };
}

/// Another body is another version of the same message; where it belongs was settled when it was stored first.
pub(crate) const PUT: &str = insert_post!(
    "UPDATE SET body = excluded.body, version = posts.version + 1, undeliverable = NULL
     WHERE posts.body <> excluded.body"
);

/// Copies have keys that begin with their original's and an `@`; `A` is what comes after `@`.
pub(crate) const FOLLOW: &str = "
    UPDATE posts SET body = $2, version = version + 1, undeliverable = NULL
    WHERE key > $1 || '@' AND key < $1 || 'A' AND body <> $2";

pub(crate) const PUT_ONCE: &str = insert_post!("NOTHING");

pub(crate) const GET: &str = select_posts!("key = $1");
pub(crate) const UNSENT: &str = select_posts!("sent < version AND undeliverable IS NULL ORDER BY number LIMIT $1");

pub(crate) const KEYS_AT: &str = "SELECT key FROM posts WHERE channel = $1 AND ts = $2";

pub(crate) const TRIED: &str = "UPDATE posts SET tried = TRUE WHERE key = $1";

/// An answer that comes late takes nothing back, and an edit stays where the message is.
pub(crate) const SENT: &str = "
    UPDATE posts SET sent = CASE WHEN sent < $2 THEN $2 ELSE sent END, ts = COALESCE($3, ts)
    WHERE key = $1 AND version >= $2";

/// A body that is given up counts as sent, and so doesn't wait.
pub(crate) const NEVER: &str = "UPDATE posts SET undeliverable = $3, sent = version WHERE key = $1 AND version = $2";
pub(crate) const CLOSED: &str = "UPDATE posts SET undeliverable = $3 WHERE key = $1 AND version = $2";

pub(crate) const REOPEN: &str = "
    UPDATE posts SET undeliverable = NULL
    WHERE undeliverable IS NOT NULL AND sent < version AND channel = COALESCE($1, channel)";
