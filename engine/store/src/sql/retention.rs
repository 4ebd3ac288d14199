//! What is forgotten after a while.

pub(crate) const HANDLED: &str = "SELECT number, at FROM deliveries WHERE handled = TRUE ORDER BY number LIMIT $1";
pub(crate) const FORGET_DELIVERIES: &str = "DELETE FROM deliveries WHERE handled = TRUE AND number <= $1";

pub(crate) const DONE: &str = "UPDATE posts SET done = $1 WHERE done IS NULL AND sent >= version";
pub(crate) const FORGET_WORDS: &str = "
    UPDATE posts SET body = '' WHERE number IN (
        SELECT number FROM posts WHERE done < $1 AND sent >= version AND body <> '' ORDER BY number LIMIT $2
    )";

pub(crate) const ANCHOR: &str = "SELECT seq, digest, at FROM audit_anchor";
pub(crate) const PUT_ANCHOR: &str = "
    INSERT INTO audit_anchor (only, seq, digest, at) VALUES (1, $1, $2, $3)
    ON CONFLICT (only) DO UPDATE SET seq = excluded.seq, digest = excluded.digest, at = excluded.at";
pub(crate) const FORGET_LINES: &str = "DELETE FROM audit WHERE seq <= $1";
