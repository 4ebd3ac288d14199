//! The audit log.

pub(crate) const NEWEST: &str = "SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1";

pub(crate) const ADD: &str = "INSERT INTO audit (seq, op, body, digest) VALUES ($1, $2, $3, $4)";

pub(crate) const ALL: &str = "SELECT seq, body, digest FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2";

pub(crate) const OF_OPERATION: &str = "
    SELECT seq, body, digest FROM audit WHERE seq > $1 AND op = $3 ORDER BY seq LIMIT $2";
