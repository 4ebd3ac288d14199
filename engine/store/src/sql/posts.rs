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
pub(crate) const PUT: &str =
    insert_post!("UPDATE SET body = excluded.body, version = posts.version + 1 WHERE posts.body <> excluded.body");
pub(crate) const PUT_ONCE: &str = insert_post!("NOTHING");

pub(crate) const GET: &str = select_posts!("key = $1");
pub(crate) const UNSENT: &str = select_posts!("sent < version AND undeliverable IS NULL ORDER BY number LIMIT $1");

pub(crate) const KEYS_AT: &str = "SELECT key FROM posts WHERE channel = $1 AND ts = $2";

pub(crate) const TRIED: &str = "UPDATE posts SET tried = TRUE WHERE key = $1";

/// An answer that comes late takes nothing back, and an edit stays where the message is.
pub(crate) const SENT: &str = "
    UPDATE posts SET sent = CASE WHEN sent < $2 THEN $2 ELSE sent END, ts = COALESCE($3, ts)
    WHERE key = $1 AND version >= $2";

pub(crate) const UNDELIVERABLE: &str = "UPDATE posts SET undeliverable = $2 WHERE key = $1";
