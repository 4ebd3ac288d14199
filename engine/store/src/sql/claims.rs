//! Claims.

pub(crate) const MINE: &str = "SELECT position, held, v, body FROM claims WHERE op = $1";

/// The next one to go first: who holds, then who asked first.
pub(crate) const OTHERS: &str = "
    SELECT op, position, held, v, body FROM claims WHERE project = $1 AND env = $2 AND op <> $3
    ORDER BY held DESC, position";

/// Asked again, a claim keeps its position.
pub(crate) const PUT: &str = "
    INSERT INTO claims (op, project, env, held, v, body) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (op) DO UPDATE SET project = excluded.project, env = excluded.env, held = excluded.held,
        v = excluded.v, body = excluded.body";

pub(crate) const DELETE: &str = "DELETE FROM claims WHERE op = $1";
